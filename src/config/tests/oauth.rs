//! What an account that signs in by OAuth may say, and how each mistake is told.

use super::*;

const OAUTH: &str = "auth = \"oauth\"\n[account.oauth]\nclient-id = \"me\"\n";
const ENDPOINTS: &str =
    "authorize-url = \"https://login.example/a\"\ntoken-url = \"https://login.example/t\"\n";

#[test]
fn google_needs_its_name_and_a_client() {
    let config = read(&in_account(&format!("{OAUTH}provider = \"google\"")));
    let account = &config.accounts["home"];
    assert_eq!(account.auth, Auth::OAuth);
    let oauth = account.oauth.as_ref().unwrap();
    assert_eq!(oauth.provider, Some(Provider::Google));
    assert_eq!(
        oauth.token_url.as_str(),
        "https://oauth2.googleapis.com/token"
    );
    assert_eq!(oauth.scopes, ["https://www.googleapis.com/auth/carddav"]);
    assert_eq!(oauth.client_id, "me");
    assert_eq!((&oauth.client_secret, &oauth.device_url), (&None, &None));
}

#[test]
fn any_other_server_names_its_addresses_also_in_one_line() {
    let config = read(&in_account(
        "auth = \"oauth\"\noauth = { client-id = \"me\", token-url = \"http://127.0.0.1:9/t\", \
         device-url = \"https://login.example/d\", scopes = [\"a\", \"b\"], \
         client-secret = { env = \"S\" } }",
    ));
    let oauth = config.accounts["home"].oauth.as_ref().unwrap();
    assert_eq!(oauth.scopes, ["a", "b"]);
    assert_eq!(oauth.authorize_url, None);
    assert_eq!(oauth.client_secret, Some(PasswordSource::Env("S".into())));
}

#[test]
fn oauth_and_what_does_not_go_with_it_is_refused_by_name() {
    for (lines, said) in [
        ("auth = \"oauth\"", "1:1 [[account]] needs `oauth`."),
        (
            "[account.oauth]\nclient-id = \"me\"\nprovider = \"google\"",
            "4:1 This account does not sign in by OAuth. Write auth = \"oauth\" too.",
        ),
        (
            "auth = \"bearer\"\noauth = { provider = \"google\" }",
            "5:9 This account does not sign in by OAuth. Write auth = \"oauth\" too.",
        ),
        (
            "password = \"keyring\"\nauth = \"oauth\"\noauth = { provider = \"google\", client-id = \"me\" }",
            "4:12 An account that signs in by OAuth has no password. Take this line out.",
        ),
        (
            "plain-http = true\nauth = \"oauth\"\noauth = { provider = \"google\", client-id = \"me\" }",
            "4:14 A token never goes over plain http (RFC 6750 section 5.3). Take this line out.",
        ),
    ] {
        assert_eq!(wrong(&in_account(lines)), [said], "{lines}");
    }
}

#[test]
fn an_oauth_table_tells_its_own_mistakes() {
    for (lines, said) in [
        (
            "provider = \"gogle\"",
            "7:12 No provider `gogle` is known. Did you mean `google`? Any other is described by \
             `authorize-url`, `token-url` and `scopes`.",
        ),
        (
            "provider = \"google\"\nscopes = [\"a\"]",
            "8:10 The provider has its own `scopes`. Take one of the two lines out.",
        ),
        (
            "provider = \"google\"\ntoken-url = \"https://evil.example/\"",
            "8:13 The provider has its own `token-url`. Take one of the two lines out.",
        ),
        (
            "authorize-url = \"https://login.example/a\"",
            "5:1 [account.oauth] needs `token-url`.",
        ),
        (
            "token-url = \"https://login.example/t\"",
            "5:1 [account.oauth] needs `authorize-url`.",
        ),
        (
            "authorize-url = \"https://login.example/a\"\ntoken-url = \"http://login.example/t\"",
            "8:13 Tokens only travel encrypted: https is wanted here.",
        ),
        (
            "authorize-url = \"https://login.example/a#x\"\ntoken-url = \"https://login.example/t\"",
            "7:17 An address of OAuth has no part behind # (RFC 6749 section 3.1).",
        ),
        (
            "authorize-url = \"ftp://login.example/a\"\ntoken-url = \"https://login.example/t\"",
            "7:17 This is no address of a web server. Write https://HOST/PATH.",
        ),
    ] {
        assert_eq!(
            wrong(&in_account(&format!("{OAUTH}{lines}"))),
            [said],
            "{lines}"
        );
    }
    let more = |line: &str| wrong(&in_account(&format!("{OAUTH}{ENDPOINTS}{line}")));
    assert_eq!(
        more("scopes = [\"a b\"]"),
        ["9:11 One permission is wanted in each text, without blanks and quotes."]
    );
    assert_eq!(
        more("token_url = \"x\""),
        ["9:1 [account.oauth] has no `token_url`. Did you mean `token-url`?"]
    );
    let without = format!("{OAUTH}{ENDPOINTS}").replace("client-id", "#");
    assert_eq!(
        wrong(&in_account(&without)),
        ["5:1 [account.oauth] needs `client-id`."]
    );
}

#[test]
fn a_client_secret_in_the_file_is_refused_and_never_shown() {
    for line in [
        "client-secret = \"hunter2\"",
        "client-secrt = \"hunter2\"",
        "client-secret = { enw = \"hunter2\" }",
        "token-url = \"https://x:hunter2@h.example/\"",
    ] {
        let text = in_account(&format!("{OAUTH}{line}\nprovider = \"google\""));
        let mistakes = parse(&text, &origin()).unwrap_err();
        let error = ConfigError::Mistakes {
            path: "/c".into(),
            mistakes,
        };
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let said = wrong(&in_account(&format!(
        "{OAUTH}provider = \"google\"\nclient-secret = \"x\""
    )));
    assert!(said[0].starts_with("8:17 A client secret does not belong in this file."));
}
