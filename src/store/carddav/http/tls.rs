//! Whom to trust beside the system's authorities, and the certificate we show ourselves.

use std::path::Path;

use super::super::words::store_error;
use super::Account;
use crate::store::{StoreError, StoreErrorKind};

/// The finished client, with the account's own authorities and client certificate.
///
/// # Errors
/// A file cannot be read, or holds no certificate: without this check a file of rubbish would
/// count as "no further authorities".
pub(super) fn with_certificates(
    mut builder: reqwest::ClientBuilder,
    account: &Account,
) -> Result<reqwest::Client, StoreError> {
    if let Some(path) = &account.ca_file {
        let authorities = reqwest::Certificate::from_pem_bundle(&read(path)?)
            .ok()
            .filter(|authorities| !authorities.is_empty())
            .ok_or_else(|| unusable(path, "it holds no certificate in PEM form"))?;
        builder = builder.tls_certs_merge(authorities);
    }
    if let Some(path) = &account.client_certificate {
        let identity = reqwest::Identity::from_pem(&read(path)?).map_err(|_| {
            unusable(
                path,
                "it must hold a certificate and its private key in PEM form",
            )
        })?;
        builder = builder.identity(identity);
    }
    builder.build().map_err(|_| {
        store_error(
            StoreErrorKind::Unreachable,
            "TLS could not be set up with this account's certificates",
            "Nothing was sent. Check `ca-file` and `client-certificate` of the account",
        )
    })
}

fn read(path: &Path) -> Result<Vec<u8>, StoreError> {
    std::fs::read(path).map_err(|error| unusable(path, &error.to_string()))
}

fn unusable(path: &Path, reason: &str) -> StoreError {
    store_error(
        StoreErrorKind::Unreachable,
        format!(
            "the certificate file {} cannot be used: {reason}",
            path.display()
        ),
        "Nothing was sent. Correct the path in the account's settings",
    )
}
