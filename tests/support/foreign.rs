//! Other programs that work on our folders: khard reads them, vdirsyncer carries them to a server.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::real::Real;

const VDIRSYNCER: &str = "vdirsyncer-0.21.0/bin/vdirsyncer";
const KHARD: &str = "khard-0.22.0/bin/khard";

/// khard, without arguments yet.
pub fn khard() -> Command {
    Command::new(program(KHARD))
}

/// A config of vdirsyncer that keeps a folder and a server in step as the pair `people`.
pub fn vdirsyncer_config(place: &Path, folder: &Path, server: &Real) -> String {
    format!(
        "\
[general]
status_path = \"{0}/status\"

[pair people]
a = \"folder\"
b = \"server\"
collections = null

[storage folder]
type = \"filesystem\"
path = \"{1}\"
fileext = \".vcf\"

[storage server]
type = \"carddav\"
url = \"{2}\"
username = \"{3}\"
password = \"{4}\"
",
        place.display(),
        folder.display(),
        server.book_url,
        server.username,
        server.password
    )
}

/// Runs vdirsyncer, which is to end well and without a conflict; its lines about cards that it
/// copied or deleted.
pub fn vdirsyncer(config: &Path, what: &str) -> Vec<String> {
    let mut command = Command::new(program(VDIRSYNCER));
    command.arg("-c").arg(config).args([what, "people"]);
    let output = ran(&mut command);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(
        !said.contains("onflict") && !said.contains("rror"),
        "{said}"
    );
    let moves = |line: &&str| line.starts_with("Copying ") || line.starts_with("Deleting ");
    said.lines().filter(moves).map(str::to_owned).collect()
}

/// Runs a program, which is to end well.
pub fn ran(command: &mut Command) -> Output {
    // Python's programs speak the language of the environment.
    let output = command.env("LC_ALL", "C.UTF-8").output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}

/// Where the installation script puts a program.
fn program(name: &str) -> PathBuf {
    let cache = std::env::var_os("CARDWEAVE_TEST_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").expect("a home")).join(".cache/cardweave-tests"),
        PathBuf::from,
    );
    cache.join(name)
}
