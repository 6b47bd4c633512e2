//! Proves who we are to the server: Basic, Digest or Bearer, and never the same password twice.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use digest_auth::{AlgorithmType, AuthContext, HttpMethod, WwwAuthenticateHeader};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::account::{Account, Auth};
use super::words::said;
use crate::store::StoreError;

/// What is known of signing in at one server, shared by all requests to it.
pub(super) struct SignIn {
    username: String,
    password: SecretString,
    auth: Auth,
    /// The last challenge of the server, which also answers for the requests after it.
    challenge: Option<WwwAuthenticateHeader>,
    /// Counts the challenges taken up: 0 is none.
    round: u32,
    /// Why the server will not have us. From then on nothing is sent any more: a wrong password
    /// tried for each card locks the account.
    refused: Option<&'static str>,
    /// Where the account's tokens expire and are renewed.
    tokens: Option<Tokens>,
}

/// The token of the moment; each has a round of its own.
#[derive(Default)]
struct Tokens {
    current: Option<Result<SecretString, StoreError>>,
    /// The server has let somebody in with it: when it refuses it later, it has expired.
    was_accepted: bool,
    fetched: u32,
}

/// Tokens mostly live for an hour, so this is a day. A server that goes through them faster
/// accepts none of them.
const MOST_TOKENS: u32 = 24;

/// Where one request stands in signing in.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Attempt {
    /// The challenge that it was last sent with.
    round: u32,
    /// The challenge that it took up itself, so that the nonce was fresh.
    own_round: Option<u32>,
    answers: u32,
}

impl SignIn {
    pub(super) fn new(account: &Account) -> Self {
        Self {
            username: account.username.clone(),
            password: account.password.clone(),
            auth: account.auth,
            challenge: None,
            round: 0,
            refused: None,
            tokens: account
                .renewal
                .is_some()
                .then(Tokens::default)
                .filter(|_| account.auth == Auth::Bearer),
        }
    }

    /// Whether a token has to be fetched before anything can be sent.
    ///
    /// # Errors
    /// It was tried, and there is none: it is not tried again.
    pub(super) fn needs_token(&self) -> Result<bool, StoreError> {
        match &self.tokens {
            _ if self.refused.is_some() => Ok(false),
            None => Ok(false),
            Some(tokens) => match &tokens.current {
                None => Ok(true),
                Some(Ok(_)) => Ok(false),
                Some(Err(error)) => Err(error.clone()),
            },
        }
    }

    /// Takes the token that was fetched, or why there is none.
    pub(super) fn take_token(&mut self, token: Result<SecretString, StoreError>) {
        if let Some(tokens) = &mut self.tokens {
            tokens.current = Some(token);
            tokens.was_accepted = false;
            tokens.fetched += 1;
        }
    }

    /// Notes that a request was let in.
    pub(super) fn accepted(&mut self, attempt: &Attempt) {
        if let Some(tokens) = &mut self.tokens
            && attempt.round == self.round
        {
            tokens.was_accepted = true;
        }
    }

    /// How the password is proved: what the account says, or the Digest that the server asked for.
    pub(super) fn proof(&self) -> Auth {
        match self.challenge {
            Some(_) => Auth::Digest,
            None => self.auth,
        }
    }

    /// The value of `Authorization` for one request, if there is one to send yet.
    ///
    /// # Errors
    /// The server has refused us before in this run, or its challenge cannot be answered.
    pub(super) fn authorization(
        &mut self,
        attempt: &mut Attempt,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Result<Option<SecretString>, &'static str> {
        if let Some(reason) = self.refused {
            return Err(reason);
        }
        attempt.round = self.round;
        let password = self.password.expose_secret();
        if let Some(challenge) = &mut self.challenge {
            let context = AuthContext::new_with_method(
                self.username.as_str(),
                password,
                path,
                Some(body),
                HttpMethod::from(method),
            );
            let answer = challenge
                .respond(&context)
                .map_err(|_| "it asks for a Digest that is not understood")?;
            return Ok(Some(answer.to_header_string().into()));
        }
        Ok(match self.auth {
            Auth::Basic => {
                let pair = Zeroizing::new(format!("{}:{password}", self.username));
                let mut header = String::with_capacity(8 + pair.len() * 4 / 3 + 4);
                header.push_str("Basic ");
                BASE64_STANDARD.encode_string(pair.as_bytes(), &mut header);
                Some(header.into())
            }
            Auth::Bearer => match &self.tokens {
                None => Some(format!("Bearer {password}").into()),
                Some(tokens) => match &tokens.current {
                    Some(Ok(token)) => Some(format!("Bearer {}", token.expose_secret()).into()),
                    Some(Err(_)) | None => return Err("there is no token for it"),
                },
            },
            Auth::Digest => None,
        })
    }

    /// Takes up a 401: `Ok` if the request may be sent once more.
    ///
    /// # Errors
    /// The server knows the answer and does not like it, or asks for what the account cannot give.
    pub(super) fn challenged(
        &mut self,
        attempt: &mut Attempt,
        challenges: &[&str],
    ) -> Result<(), &'static str> {
        let answer = self.judge(attempt, challenges);
        if let Err(reason) = answer {
            self.refused = Some(reason);
        }
        answer
    }

    fn judge(&mut self, attempt: &mut Attempt, challenges: &[&str]) -> Result<(), &'static str> {
        const REFUSED: &str = "it does not accept the user name or the password";
        // Another request has taken up a newer challenge meanwhile, so this answer was merely old.
        if attempt.round < self.round && attempt.answers < 2 {
            attempt.answers += 1;
            return Ok(());
        }
        if let Some(tokens) = &mut self.tokens {
            if !tokens.was_accepted || attempt.own_round.is_some() {
                return Err("it does not accept the token, though it is a fresh one");
            }
            if tokens.fetched >= MOST_TOKENS {
                return Err("it refuses one token after the other");
            }
            tokens.current = None;
            tokens.was_accepted = false;
            self.round += 1;
            attempt.own_round = Some(self.round);
            attempt.answers += 1;
            return Ok(());
        }
        let digest = match (self.auth, digest_challenge(challenges)) {
            (Auth::Bearer, _) => return Err("it does not accept the token"),
            (Auth::Digest, None) if self.round == 0 => {
                return Err("it does not offer Digest, which the account asks for");
            }
            (_, None) => return Err(REFUSED),
            (_, Some(digest)) => digest,
        };
        // An answer to a fresh nonce was the password's one chance, unless the server says that
        // only the nonce was too old.
        let was_fresh = attempt.own_round == Some(attempt.round) && self.round > 0;
        if (was_fresh && !digest.stale) || attempt.answers >= 2 {
            return Err(REFUSED);
        }
        self.challenge = Some(digest);
        self.round += 1;
        attempt.own_round = Some(self.round);
        attempt.answers += 1;
        Ok(())
    }
}

/// The names of the schemes that these values of `WWW-Authenticate` offer, each once, in the order
/// of the server, spelled as RFC 9110's registry spells them.
pub(super) fn schemes_in(values: &[&str]) -> Vec<String> {
    let mut schemes: Vec<String> = Vec::new();
    for challenge in values.iter().flat_map(|value| challenges_in(value)) {
        let name = said(challenge.split_whitespace().next().unwrap_or_default());
        let known = ["Basic", "Digest", "Bearer", "Negotiate"];
        let name = match known.iter().find(|known| known.eq_ignore_ascii_case(&name)) {
            Some(known) => (*known).to_owned(),
            None => name,
        };
        if !schemes.contains(&name) {
            schemes.push(name);
        }
    }
    schemes
}

/// The strongest Digest challenge among the values of `WWW-Authenticate`, if one can be answered.
fn digest_challenge(values: &[&str]) -> Option<WwwAuthenticateHeader> {
    let mut found: Vec<WwwAuthenticateHeader> = values
        .iter()
        .flat_map(|value| challenges_in(value))
        .filter(|challenge| {
            challenge
                .get(..7)
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case("digest "))
        })
        .filter_map(|challenge| WwwAuthenticateHeader::parse(&challenge[7..]).ok())
        .collect();
    // Stable: of equals, the one that the server named first.
    found.sort_by_key(|challenge| match challenge.algorithm.algo {
        AlgorithmType::SHA2_512_256 => 0,
        AlgorithmType::SHA2_256 => 1,
        AlgorithmType::MD5 => 2,
    });
    found.into_iter().next()
}

/// One header may hold several challenges, parted by the same commas as their parameters
/// (RFC 9110 section 11.6.1): a part that begins with a word and a blank begins a new one.
fn challenges_in(value: &str) -> Vec<&str> {
    let mut starts = Vec::new();
    let mut part_start = 0;
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, c) in value.char_indices().chain([(value.len(), ',')]) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted || at == value.len() => {
                let part = value[part_start..at].trim_start();
                let word = part.find([' ', '=', '"']).unwrap_or(part.len());
                let is_scheme = word > 0 && !part[word..].trim_start().starts_with('=');
                if is_scheme {
                    starts.push(at - part.len());
                }
                part_start = at + 1;
            }
            _ => {}
        }
    }
    let ends = starts.iter().skip(1).copied().chain([value.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| value[*start..end].trim().trim_end_matches(','))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreErrorKind;
    use crate::store::carddav::Renewal;
    use futures_util::future::LocalBoxFuture;
    use std::rc::Rc;
    use url::Url;

    const MD5: &str = r#"Digest realm="a, b", qop="auth", nonce="n1", opaque="o""#;
    const SHA: &str = r#"Digest realm="r", qop="auth", algorithm=SHA-256, nonce="n2""#;
    const STALE: &str = r#"Digest realm="r", qop="auth", nonce="n3", stale=true"#;

    fn sign_in(auth: Auth) -> SignIn {
        SignIn::new(&account(auth))
    }

    fn account(auth: Auth) -> Account {
        Account {
            auth,
            ..Account::new(
                Url::parse("https://h.example/").unwrap(),
                "anna",
                "secret".into(),
            )
        }
    }

    fn send(sign_in: &mut SignIn, attempt: &mut Attempt) -> Option<String> {
        let header = sign_in
            .authorization(attempt, "REPORT", "/b/", b"")
            .unwrap();
        header.map(|header| header.expose_secret().to_owned())
    }

    #[test]
    fn challenges_are_told_apart_in_one_header_and_in_many() {
        let both = format!("Basic realm=\"x, Digest y\", {MD5},Bearer");
        assert_eq!(
            challenges_in(&both),
            [r#"Basic realm="x, Digest y""#, MD5, "Bearer"]
        );
        assert_eq!(digest_challenge(&[&both]).unwrap().realm, "a, b");
        assert_eq!(
            digest_challenge(&["Basic realm=\"x\"", SHA]).unwrap().nonce,
            "n2"
        );
        assert_eq!(digest_challenge(&["basic realm=\"Digest\""]), None);
    }

    #[test]
    fn the_strongest_known_digest_is_answered() {
        let unknown = r#"Digest realm="r", algorithm=MD4, nonce="n0""#;
        assert_eq!(digest_challenge(&[unknown, MD5, SHA]).unwrap().nonce, "n2");
        assert_eq!(digest_challenge(&[unknown]), None);
    }

    #[test]
    fn the_schemes_on_offer_are_named_once_each() {
        let values = [
            "basic realm=\"a, Bearer b\", Digest realm=\"r\", nonce=\"n\"",
            "Bearer",
            "BASIC",
        ];
        assert_eq!(schemes_in(&values), ["Basic", "Digest", "Bearer"]);
        assert_eq!(schemes_in(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_refused_basic_password_is_not_sent_again() {
        let mut sign_in = sign_in(Auth::Basic);
        let mut attempt = Attempt::default();
        assert_eq!(
            send(&mut sign_in, &mut attempt).as_deref(),
            Some("Basic YW5uYTpzZWNyZXQ=")
        );
        assert!(
            sign_in
                .challenged(&mut attempt, &["Basic realm=\"x\""])
                .is_err()
        );
        assert!(
            sign_in
                .authorization(&mut Attempt::default(), "GET", "/", b"")
                .is_err()
        );
    }

    #[test]
    fn a_digest_is_answered_once_and_then_used_for_all() {
        let mut sign_in = sign_in(Auth::Digest);
        let mut first = Attempt::default();
        assert_eq!(send(&mut sign_in, &mut first), None);
        sign_in.challenged(&mut first, &[MD5]).unwrap();
        assert!(
            send(&mut sign_in, &mut first)
                .unwrap()
                .contains("nc=00000001")
        );
        let mut second = Attempt::default();
        let header = send(&mut sign_in, &mut second).unwrap();
        assert!(
            header.contains("nc=00000002") && header.contains("uri=\"/b/\""),
            "{header}"
        );
        assert!(!header.contains("secret"));
        // The first one is refused after all: that was the password, not the nonce.
        assert!(sign_in.challenged(&mut first, &[MD5]).is_err());
    }

    #[derive(Debug)]
    struct Never;

    impl Renewal for Never {
        fn renew(&self) -> LocalBoxFuture<'_, Result<SecretString, StoreError>> {
            unreachable!("the tests give the tokens")
        }
    }

    fn with_tokens() -> SignIn {
        let mut sign_in = SignIn::new(&Account {
            renewal: Some(Rc::new(Never)),
            ..account(Auth::Bearer)
        });
        assert!(sign_in.needs_token().unwrap());
        sign_in.take_token(Ok("one".into()));
        sign_in
    }

    #[test]
    fn a_token_that_was_accepted_and_then_is_not_is_renewed_once_for_all() {
        let mut sign_in = with_tokens();
        let mut lanes = [Attempt::default(); 4];
        for lane in &mut lanes {
            assert_eq!(send(&mut sign_in, lane).as_deref(), Some("Bearer one"));
        }
        sign_in.accepted(&lanes[0]);
        sign_in.challenged(&mut lanes[1], &["Bearer"]).unwrap();
        assert!(sign_in.needs_token().unwrap());
        sign_in.challenged(&mut lanes[2], &["Bearer"]).unwrap();
        sign_in.take_token(Ok("two".into()));
        // This one was still on its way with the old token.
        sign_in.challenged(&mut lanes[3], &["Bearer"]).unwrap();
        assert!(!sign_in.needs_token().unwrap());
        for lane in &mut lanes[1..] {
            assert_eq!(send(&mut sign_in, lane).as_deref(), Some("Bearer two"));
        }
    }

    #[test]
    fn a_fresh_token_that_is_refused_is_refused_for_good() {
        let mut never_good = with_tokens();
        let mut attempt = Attempt::default();
        send(&mut never_good, &mut attempt);
        assert!(never_good.challenged(&mut attempt, &["Bearer"]).is_err());
        let again = never_good.authorization(&mut Attempt::default(), "GET", "/", b"");
        assert!(again.is_err());
        assert!(!never_good.needs_token().unwrap());

        let mut renewed = with_tokens();
        let (mut first, mut second) = (Attempt::default(), Attempt::default());
        send(&mut renewed, &mut first);
        renewed.accepted(&first);
        renewed.challenged(&mut first, &["Bearer"]).unwrap();
        renewed.take_token(Ok("two".into()));
        send(&mut renewed, &mut first);
        send(&mut renewed, &mut second);
        // Others are let in with it; this request is not, whatever the token.
        renewed.accepted(&second);
        assert!(renewed.challenged(&mut first, &["Bearer"]).is_err());
    }

    #[test]
    fn tokens_that_die_at_once_are_not_fetched_for_ever() {
        let mut sign_in = with_tokens();
        let mut fetched = 1;
        loop {
            let mut attempt = Attempt::default();
            send(&mut sign_in, &mut attempt);
            sign_in.accepted(&attempt);
            if sign_in.challenged(&mut attempt, &["Bearer"]).is_err() {
                break;
            }
            sign_in.take_token(Ok("next".into()));
            fetched += 1;
        }
        assert_eq!(fetched, MOST_TOKENS);
    }

    #[test]
    fn a_token_that_could_not_be_fetched_is_not_tried_for_again() {
        let mut sign_in = with_tokens();
        let mut attempt = Attempt::default();
        send(&mut sign_in, &mut attempt);
        sign_in.accepted(&attempt);
        sign_in.challenged(&mut attempt, &["Bearer"]).unwrap();
        sign_in.take_token(Err(StoreError {
            kind: StoreErrorKind::SignIn,
            what: "it was taken back".into(),
            todo: "Sign in again".into(),
        }));
        assert!(sign_in.needs_token().is_err());
    }

    #[test]
    fn a_nonce_grown_old_is_no_wrong_password() {
        let mut sign_in = sign_in(Auth::Digest);
        let mut first = Attempt::default();
        send(&mut sign_in, &mut first);
        sign_in.challenged(&mut first, &[MD5]).unwrap();
        send(&mut sign_in, &mut first);
        let mut second = Attempt::default();
        send(&mut sign_in, &mut second);
        sign_in.challenged(&mut second, &[MD5]).unwrap();
        send(&mut sign_in, &mut second);
        // Told that it is stale, even a fresh nonce may be renewed, but not for ever.
        sign_in.challenged(&mut second, &[STALE]).unwrap();
        send(&mut sign_in, &mut second);
        assert!(sign_in.challenged(&mut second, &[STALE]).is_err());
    }

    #[test]
    fn a_server_that_wants_digest_gets_it_from_a_basic_account_but_not_the_other_way_round() {
        let mut basic = sign_in(Auth::Basic);
        let mut attempt = Attempt::default();
        send(&mut basic, &mut attempt);
        assert_eq!(basic.proof(), Auth::Basic);
        basic.challenged(&mut attempt, &[MD5]).unwrap();
        assert_eq!(basic.proof(), Auth::Digest);
        assert!(
            send(&mut basic, &mut attempt)
                .unwrap()
                .starts_with("Digest ")
        );
        let mut digest = sign_in(Auth::Digest);
        let mut attempt = Attempt::default();
        send(&mut digest, &mut attempt);
        assert!(
            digest
                .challenged(&mut attempt, &["Basic realm=\"x\""])
                .is_err()
        );
    }
}
