//! The cards of the year in the hands of other programs: khard reads them, vdirsyncer carries them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::install::install;
use crate::support::real::Real;

const VDIRSYNCER: &str = "vdirsyncer-0.21.0/bin/vdirsyncer";
const KHARD: &str = "khard-0.22.0/bin/khard";

/// What khard says of a folder: the names it lists, and what it shows of one of them.
pub fn khard(place: &Path, folder: &Path, arguments: &[&str]) -> String {
    install(&["khard"]);
    let config = place.join("khard.conf");
    let text = format!(
        "[addressbooks]\n[[book]]\npath = {}\n[vcard]\nprivate_objects = Cardweave-Tier, Cardweave-Log\n",
        folder.display()
    );
    fs::write(&config, text).expect("the directory is ours");
    let output = ran(Command::new(program(KHARD))
        .arg("-c")
        .arg(&config)
        .args(arguments));
    String::from_utf8(output.stdout).expect("khard prints UTF-8")
}

/// Lets vdirsyncer bring a folder and a server in step; its lines about cards that it copied or
/// deleted.
pub fn vdirsyncer(place: &Path, folder: &Path, server: &Real) -> Vec<String> {
    install(&["vdirsyncer"]);
    let config = place.join("vdirsyncer.conf");
    let text = format!(
        "[general]\nstatus_path = \"{0}/vdirsyncer-status\"\n\n\
         [pair people]\na = \"folder\"\nb = \"server\"\ncollections = null\n\n\
         [storage folder]\ntype = \"filesystem\"\npath = \"{1}\"\nfileext = \".vcf\"\n\n\
         [storage server]\ntype = \"carddav\"\nurl = \"{2}\"\nusername = \"{3}\"\npassword = \"{4}\"\n",
        place.display(),
        folder.display(),
        server.book_url,
        server.username,
        server.password
    );
    fs::write(&config, text).expect("the directory is ours");
    let mut said = String::new();
    for what in ["discover", "sync"] {
        let output = ran(Command::new(program(VDIRSYNCER))
            .arg("-c")
            .arg(&config)
            .args([what, "people"]));
        said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(
            !said.contains("onflict") && !said.contains("rror"),
            "{said}"
        );
    }
    let moves = |line: &&str| line.starts_with("Copying ") || line.starts_with("Deleting ");
    said.lines().filter(moves).map(str::to_owned).collect()
}

/// Where the installation script puts a program.
fn program(name: &str) -> PathBuf {
    let cache = std::env::var_os("CARDWEAVE_TEST_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").expect("a home")).join(".cache/cardweave-tests"),
        PathBuf::from,
    );
    cache.join(name)
}

fn ran(command: &mut Command) -> Output {
    // Python's programs speak the language of the environment.
    let output = command.env("LC_ALL", "C.UTF-8").output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}
