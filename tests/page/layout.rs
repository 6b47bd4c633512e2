//! Every width, in the light, in the dark and on paper.

use std::path::{Path, PathBuf};
use std::process::Command;

use cardweave::report::{Locale, page};
use serde_json::json;

use crate::browser::{Browser, Scheme};
use crate::install::install;
use crate::year::year;

/// Pictures to be looked at.
fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    folder.join(name)
}

#[test]
fn nothing_sticks_out_and_nothing_complains() {
    let browser = Browser::with(&page(&year(), Locale::En));
    // What is as wide as nothing is hidden; a pixel is lost to rounding.
    let question = "
        const wide = page.documentElement.clientWidth;
        const out = [...page.querySelectorAll('body *')].filter(one => {
            const box = one.getBoundingClientRect();
            return box.width > 0 && (box.right > wide + 1 || box.left < -1);
        }).map(one => one.outerHTML.slice(0, 120));
        return {wide, scrolls: page.documentElement.scrollWidth - wide, out,
            charts: [...page.querySelectorAll('svg')].filter(svg => svg.getClientRects().length).length};";
    for width in [320, 360, 641, 1280] {
        for scheme in [Scheme::Light, Scheme::Dark] {
            let (found, console) = browser.ask(width, scheme, question);
            let wanted = json!({"wide": width, "scrolls": 0, "out": [], "charts": 6});
            assert_eq!(found, wanted, "at {width}, {scheme:?}");
            assert_eq!(console, [""; 0], "at {width}, {scheme:?}");
        }
    }
}

#[test]
fn pictures_can_be_looked_at() {
    let browser = Browser::with(&page(&year(), Locale::De));
    for (width, scheme, name) in [
        (360, Scheme::Light, "phone-light.png"),
        (360, Scheme::Dark, "phone-dark.png"),
        (1280, Scheme::Light, "desktop-light.png"),
        (1280, Scheme::Dark, "desktop-dark.png"),
    ] {
        let to = kept(name);
        browser.picture(width, scheme, &to);
        assert!(std::fs::metadata(&to).is_ok_and(|file| file.len() > 10_000));
    }
}

#[test]
fn it_can_be_printed() {
    install(&["poppler"]);
    let browser = Browser::with(&page(&year(), Locale::En));
    let to = kept("page.pdf");
    browser.print(Scheme::Dark, &to);
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .output()
            .expect("it is installed");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let path = to.to_str().expect("a path in UTF-8");
    let about = run("pdfinfo", &[path]);
    let pages = about.lines().find_map(|line| line.strip_prefix("Pages:"));
    let pages: u32 = pages.expect("the pages").trim().parse().expect("a number");
    assert!((3..=12).contains(&pages), "{about}");
    assert!(about.contains("(A4)"), "{about}");
    let text = run("pdftotext", &["-layout", path, "-"]);
    for wanted in ["What came of it", "Hannover Messe", "Neglected"] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
}
