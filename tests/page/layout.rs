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
        }).map(one => one.outerHTML.slice(0, 120)).slice(0, 5);
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
fn the_dark_is_dark_and_everything_can_be_read() {
    let browser = Browser::with(&page(&year(), Locale::En));
    // The contrast of every text with what is behind it (WCAG 2.2, relative luminance).
    let question = "
        const channels = text => text.match(/[0-9.]+/g).map(Number);
        const light = text => { const [r, g, b] = channels(text).map(c => c / 255)
            .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const behind = one => { for (; one; one = one.parentElement) {
            const colour = view.getComputedStyle(one).backgroundColor;
            if (channels(colour).length === 3) return colour; } return 'rgb(255, 255, 255)'; };
        const texts = [...page.querySelectorAll('body *')].filter(one =>
            one.getClientRects().length && [...one.childNodes].some(node =>
                node.nodeType === 3 && node.textContent.trim()));
        const ratios = texts.map(one => { const style = view.getComputedStyle(one);
            const ink = one.namespaceURI.endsWith('svg') ? style.fill : style.color;
            const [a, b] = [light(ink), light(behind(one))].sort((x, y) => y - x);
            return [(a + 0.05) / (b + 0.05), one.outerHTML.slice(0, 100)]; });
        return {behind: light(behind(page.body)), texts: texts.length,
            faint: ratios.filter(([ratio]) => ratio < 4.5).map(String)};";
    for (scheme, range) in [(Scheme::Light, 0.8..=1.0), (Scheme::Dark, 0.0..=0.05)] {
        let (found, _) = browser.ask(900, scheme, question);
        let behind = found["behind"].as_f64().expect("a luminance");
        assert!(range.contains(&behind), "{scheme:?}: {behind}");
        assert_eq!(found["faint"], json!([]), "{scheme:?}");
        assert!(found["texts"].as_u64() > Some(300), "{found}");
    }
}

#[test]
fn no_label_lies_upon_another() {
    let browser = Browser::with(&page(&year(), Locale::De));
    let question = "
        const shown = [...page.querySelectorAll('svg')].filter(svg => svg.getClientRects().length);
        return shown.flatMap(svg => {
            const texts = [...svg.querySelectorAll('text')].map(text =>
                [text.getBoundingClientRect(), text.textContent.trim()]);
            const frame = svg.getBoundingClientRect();
            const out = texts.filter(([box]) => box.left < frame.left - 1
                || box.right > frame.right + 1 || box.bottom > frame.bottom + 2);
            const upon = texts.flatMap(([a, one], at) => texts.slice(at + 1)
                .filter(([b]) => a.left < b.right - 1 && b.left < a.right - 1
                    && a.top < b.bottom - 3 && b.top < a.bottom - 3)
                .map(([, other]) => one + ' | ' + other));
            return [...out.map(([, text]) => 'out: ' + text), ...upon]; });";
    for width in [360, 900] {
        let (found, _) = browser.ask(width, Scheme::Light, question);
        assert_eq!(found, json!([]), "at {width}");
    }
}

#[test]
fn it_has_headings_titles_and_tables_for_those_who_cannot_see_it() {
    let browser = Browser::with(&page(&year(), Locale::En));
    let question = "
        const levels = [...page.querySelectorAll('h1,h2,h3,h4')].map(one => +one.tagName[1]);
        const jumps = levels.filter((level, at) => level > (at ? levels[at - 1] : 0) + 1).length;
        const name = svg => svg.getAttribute('aria-labelledby').split(' ')
            .map(id => page.getElementById(id)).every(one => one && one.textContent);
        const ids = [...page.querySelectorAll('[id]')].map(one => one.id);
        return {language: page.documentElement.lang, first: levels[0], jumps,
            nameless: [...page.querySelectorAll('svg')].filter(svg => !name(svg)).length,
            doubles: ids.length - new Set(ids).size,
            charts: page.querySelectorAll('figure').length,
            tableless: [...page.querySelectorAll('figure')]
                .filter(one => !one.parentElement.querySelector('table caption')).length,
            wrong: [...page.querySelectorAll('tr')]
                .filter(row => ![3, 4, 5].includes(row.children.length)).length};";
    let (found, _) = browser.ask(900, Scheme::Light, question);
    let wanted = json!({"language": "en", "first": 1, "jumps": 0, "nameless": 0, "doubles": 0,
        "charts": 6, "tableless": 0, "wrong": 0});
    assert_eq!(found, wanted);
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
