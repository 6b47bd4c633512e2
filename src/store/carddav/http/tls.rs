//! Whom to trust beside the system's authorities or in their place, and the certificate we show ourselves.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
};

use super::super::words::store_error;
use super::{Account, Fingerprint};
use crate::store::{StoreError, StoreErrorKind};

/// The finished client, with the account's own authorities, pinned certificate and client
/// certificate.
///
/// # Errors
/// A file cannot be read, or holds no certificate: without this check a file of rubbish would
/// count as "no further authorities".
pub(super) fn with_certificates(
    mut builder: reqwest::ClientBuilder,
    account: &Account,
) -> Result<reqwest::Client, StoreError> {
    if let Some(path) = &account.ca_file {
        builder = builder.tls_certs_merge(authorities_in(path)?);
    }
    if let Some(path) = &account.client_certificate {
        let identity =
            reqwest::Identity::from_pem(&read(path)?).map_err(|_| unusable(path, NO_IDENTITY))?;
        builder = builder.identity(identity);
    }
    if let Some(pinned) = account.pinned_certificate {
        let seen = Seen::default();
        builder = builder.tls_backend_preconfigured(only(Some(pinned), &seen, account)?);
    }
    builder.build().map_err(|_| {
        store_error(
            StoreErrorKind::Unreachable,
            "TLS could not be set up with this account's certificates",
            "Nothing was sent. Check `ca-file` and `client-certificate` of the account",
        )
    })
}

/// The authorities in a file, each of them a certificate down to its last byte.
fn authorities_in(path: &Path) -> Result<Vec<reqwest::Certificate>, StoreError> {
    let pem = read(path)?;
    let no_certificate = || unusable(path, "it holds no certificate in PEM form");
    let mut checked = RootCertStore::empty();
    let mut authorities = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|_| no_certificate())?;
        let authority = reqwest::Certificate::from_der(&certificate);
        authorities.push(authority.map_err(|_| no_certificate())?);
        let is_sound = checked.add(certificate);
        is_sound.map_err(|_| unusable(path, "one of the certificates in it is damaged"))?;
    }
    match authorities.is_empty() {
        true => Err(no_certificate()),
        false => Ok(authorities),
    }
}

/// A client that looks at the certificate that it is shown, and goes no further.
pub(super) fn looking(
    builder: reqwest::ClientBuilder,
    account: &Account,
    seen: &Seen,
) -> Option<reqwest::Client> {
    let config = only(None, seen, account).ok()?;
    builder.tls_backend_preconfigured(config).build().ok()
}

/// The certificate that was shown last.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Arc<Mutex<Option<Fingerprint>>>);

impl Seen {
    pub(super) fn taken(&self) -> Option<Fingerprint> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note(&self, fingerprint: Fingerprint) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fingerprint);
    }
}

/// TLS that accepts one certificate, or none at all.
fn only(
    accepted: Option<Fingerprint>,
    seen: &Seen,
    account: &Account,
) -> Result<ClientConfig, StoreError> {
    // The provider that reqwest uses as well.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Only {
        accepted,
        seen: seen.clone(),
        provider: Arc::clone(&provider),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider supports the versions of TLS that are safe")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match &account.client_certificate {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let pem = read(path)?;
            let no_identity = || unusable(path, NO_IDENTITY);
            let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
            let chain = chain.map_err(|_| no_identity())?;
            let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| no_identity())?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|_| no_identity())?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Accepts exactly one certificate of a server: its fingerprint says more than its names, its
/// dates and its issuer. That the server has the key to it is checked as always.
#[derive(Debug)]
struct Only {
    accepted: Option<Fingerprint>,
    seen: Seen,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Only {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let shown = Fingerprint::of(end_entity);
        self.seen.note(shown);
        match self.accepted {
            Some(accepted) if accepted == shown => Ok(ServerCertVerified::assertion()),
            _ => Err(CertificateError::ApplicationVerificationFailure.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

const NO_IDENTITY: &str = "it must hold a certificate and its private key in PEM form";

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
