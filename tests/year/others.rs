//! The cards of the year in the hands of other programs: khard reads them, vdirsyncer carries them.

use std::fs;
use std::path::Path;

use crate::support::foreign;
use crate::support::install::install;
use crate::support::real::Real;

/// What khard says of a folder.
pub fn khard(place: &Path, folder: &Path, arguments: &[&str]) -> String {
    install(&["khard"]);
    let config = place.join("khard.conf");
    let text = format!(
        "[addressbooks]\n[[book]]\npath = {}\n\
         [vcard]\nprivate_objects = Cardweave-Tier, Cardweave-Log\n",
        folder.display()
    );
    fs::write(&config, text).expect("the directory is ours");
    let output = foreign::ran(foreign::khard().arg("-c").arg(&config).args(arguments));
    String::from_utf8(output.stdout).expect("khard prints UTF-8")
}

/// Lets vdirsyncer bring a folder and a server in step; its lines about cards that it copied or
/// deleted.
pub fn vdirsyncer(place: &Path, folder: &Path, server: &Real) -> Vec<String> {
    install(&["vdirsyncer"]);
    let config = place.join("vdirsyncer.conf");
    let text = foreign::vdirsyncer_config(place, folder, server);
    fs::write(&config, text).expect("the directory is ours");
    foreign::vdirsyncer(&config, "discover");
    foreign::vdirsyncer(&config, "sync")
}
