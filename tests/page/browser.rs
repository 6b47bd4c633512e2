//! Headless Chromium: looks at a page in a frame of a given width, in the light or in the dark.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::install::install;

/// What somebody has set their system to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

/// A folder with a page, and the browser that looks at it.
pub struct Browser {
    folder: TempDir,
}

/// What the browser did.
pub struct Looked {
    pub stdout: String,
    /// What pages wrote to the console, and nothing else.
    pub console: Vec<String>,
}

static INSTALLED: Once = Once::new();

/// How long the browser may take over one page.
const PATIENCE: Duration = Duration::from_secs(120);

impl Browser {
    pub fn with(page: &str) -> Browser {
        INSTALLED.call_once(|| install(&["chromium"]));
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("page.html"), page).expect("the page can be written");
        Browser { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, scheme: Scheme, arguments: &[String]) -> Looked {
        let stdout = self.path("stdout");
        let stderr = self.path("stderr");
        let into = |path: &Path| Stdio::from(fs::File::create(path).expect("a new file"));
        let profile = tempfile::tempdir_in(self.folder.path()).expect("a folder for the profile");
        let preferred = match scheme {
            Scheme::Dark => 0,
            Scheme::Light => 1,
        };
        let mut child = Command::new("chromium")
            .args([
                "--headless=new",
                // Tests may run as root, and in containers without much shared memory.
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-extensions",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--allow-file-access-from-files",
                "--force-device-scale-factor=1",
                "--enable-logging=stderr",
                "--run-all-compositor-stages-before-draw",
            ])
            .arg(format!("--blink-settings=preferredColorScheme={preferred}"))
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(arguments)
            .env("HOME", self.folder.path())
            .stdin(Stdio::null())
            .stdout(into(&stdout))
            .stderr(into(&stderr))
            .spawn()
            .expect("Chromium (the Debian package `chromium`) can be started");
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("the browser can be waited for") {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                child.kill().expect("the browser can be ended");
                child.wait().expect("the browser ends");
                panic!("Chromium took longer than {PATIENCE:?}: {}", text(&stderr));
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let said = text(&stderr);
        assert!(status.success(), "Chromium failed: {status}\n{said}");
        Looked {
            stdout: text(&stdout),
            console: said
                .lines()
                .filter(|line| line.contains("CONSOLE"))
                .map(str::to_owned)
                .collect(),
        }
    }

    /// Loads the page in a frame of this width and asks it with a script that stands outside of it:
    /// the body of a function of `page`, the document, and `view`, its window.
    pub fn ask(&self, width: u32, scheme: Scheme, question: &str) -> (Value, Vec<String>) {
        let outside = self.outside(width, 4000, question);
        let looked = self.run(
            scheme,
            &[
                "--window-size=1400,1000".to_owned(),
                "--dump-dom".to_owned(),
                outside,
            ],
        );
        let answer = looked
            .stdout
            .split_once("<pre>")
            .and_then(|(_, rest)| rest.split_once("</pre>"))
            .unwrap_or_else(|| panic!("no answer: {} {:?}", looked.stdout, looked.console));
        let json = answer
            .0
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        let value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
        (value, looked.console)
    }

    /// A picture of the page at this width, as high as it is.
    pub fn picture(&self, width: u32, scheme: Scheme, to: &Path) {
        let height = "return page.documentElement.getBoundingClientRect().height";
        let (height, _) = self.ask(width, scheme, height);
        let height = height.as_f64().expect("a height").ceil() as u32;
        let outside = self.outside(width, height, "return 0");
        self.run(
            scheme,
            &[
                format!("--window-size={width},{height}"),
                format!("--screenshot={}", to.display()),
                outside,
            ],
        );
    }

    /// The page as PDF.
    pub fn print(&self, scheme: Scheme, to: &Path) {
        self.run(
            scheme,
            &[
                "--no-pdf-header-footer".to_owned(),
                format!("--print-to-pdf={}", to.display()),
                format!("file://{}", self.path("page.html").display()),
            ],
        );
    }

    fn outside(&self, width: u32, height: u32, question: &str) -> String {
        let outside = format!(
            "<!doctype html><meta charset=utf-8><meta name=color-scheme content='light dark'>\
             <style>body{{margin:0}}iframe{{border:0;display:block}}pre{{display:none}}</style>\
             <iframe width={width} height={height} src=page.html></iframe><pre>null</pre><script>\
             onload = () => {{ const view = frames[0], page = view.document;\
             const ask = () => {{ {question} }};\
             document.querySelector('pre').textContent = JSON.stringify(ask()); }}</script>"
        );
        fs::write(self.path("outside.html"), outside).expect("the page can be written");
        format!("file://{}", self.path("outside.html").display())
    }
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}
