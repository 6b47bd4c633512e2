//! The names by which stores, entries and contacts are known.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares a name that is text inside and a type of its own outside.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The `id` of a store in the config.
    StoreId
}

name! {
    /// The address of an entry in its store, in the store's own spelling: an absolute path for
    /// CardDAV (as the server listed it), a file name for a folder. Opaque to everybody else.
    Href
}

name! {
    /// The version of an entry: a CardDAV ETag kept verbatim, or what stands for one in a folder.
    ETag
}

name! {
    /// One person across the stores of a book. Ours; UIDs and hrefs belong to the stores.
    ContactId
}
