//! Where this user's config and state live when nobody says otherwise.

use std::path::PathBuf;

use etcetera::BaseStrategy;

/// The user's directories; all `None` where no home is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directories {
    pub home: Option<PathBuf>,
    /// Ours in `$XDG_CONFIG_HOME`.
    pub config: Option<PathBuf>,
    /// Ours in `$XDG_STATE_HOME`.
    pub state: Option<PathBuf>,
}

impl Directories {
    /// Asks the environment, as the XDG Base Directory Specification says.
    pub fn of_this_user() -> Self {
        let Ok(strategy) = etcetera::choose_base_strategy() else {
            return Self::default();
        };
        Self {
            home: Some(strategy.home_dir().to_owned()),
            config: Some(strategy.config_dir().join("cardweave")),
            state: strategy
                .state_dir()
                .map(|directory| directory.join("cardweave")),
        }
    }
}
