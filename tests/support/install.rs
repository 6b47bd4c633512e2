//! Installs what a test runs against, where it is missing.

use std::path::Path;
use std::process::Command;

/// Makes sure of these programs, by the names that the script knows. What cannot be had fails the
/// test: nothing is skipped.
pub fn install(programs: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/install.sh");
    let status = Command::new(script).args(programs).status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{programs:?} cannot be installed"
    );
}
