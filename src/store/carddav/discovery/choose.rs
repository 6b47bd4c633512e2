//! Picks the address book that the config means out of those that the server offers.

use super::super::words::{said, store_error};
use super::Saved;
use crate::store::{StoreError, StoreErrorKind};

/// The one address book that `wanted` names: by its display name, else by its last path segment,
/// else by either in other capitals.
pub(super) fn choose<'a>(
    offered: &'a [Saved],
    wanted: &str,
    host: &str,
) -> Result<&'a Saved, StoreError> {
    let name = |book: &Saved| book.display_name.clone().unwrap_or_default();
    let lower = wanted.to_lowercase();
    let rules: [&dyn Fn(&Saved) -> bool; 3] = [
        &|book| name(book) == wanted,
        &|book| book.segment() == wanted,
        &|book| name(book).to_lowercase() == lower || book.segment().to_lowercase() == lower,
    ];
    for rule in rules {
        let found: Vec<&Saved> = offered.iter().filter(|book| rule(book)).collect();
        match found[..] {
            [] => {}
            [one] => return Ok(one),
            _ => {
                return Err(store_error(
                    StoreErrorKind::Missing,
                    format!(
                        "{host} offers several address books called \"{}\"",
                        said(wanted)
                    ),
                    format!(
                        "None was touched. Name one by its address: {}",
                        listed(&found)
                    ),
                ));
            }
        }
    }
    Err(store_error(
        StoreErrorKind::Missing,
        format!("{host} offers no address book \"{}\"", said(wanted)),
        match offered {
            [] => "It offers none at all to this account".to_owned(),
            _ => format!("It offers {}", listed(&offered.iter().collect::<Vec<_>>())),
        },
    ))
}

fn listed(books: &[&Saved]) -> String {
    let words = books.iter().take(20).map(|book| match &book.display_name {
        Some(name) => format!("\"{name}\" ({})", said(&book.url)),
        None => said(&book.url),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::super::response::Props;
    use super::*;
    use url::Url;

    fn book(url: &str, name: Option<&str>) -> Saved {
        let props = Props {
            display_name: name.map(str::to_owned),
            ..Props::default()
        };
        Saved::new(&Url::parse(url).unwrap(), &props)
    }

    #[test]
    fn a_book_is_found_by_name_then_by_address_then_in_other_capitals() {
        let offered = [
            book("https://h/a/personal/", Some("Kontakte")),
            book("https://h/a/Kontakte/", Some("Work")),
            book("https://h/a/team%20x/", None),
        ];
        let chosen = |wanted| {
            choose(&offered, wanted, "h")
                .map(|book| book.url.as_str())
                .ok()
        };
        assert_eq!(chosen("Kontakte"), Some("https://h/a/personal/"));
        assert_eq!(chosen("personal"), Some("https://h/a/personal/"));
        assert_eq!(chosen("team x"), Some("https://h/a/team%20x/"));
        assert_eq!(chosen("WORK"), Some("https://h/a/Kontakte/"));
        assert_eq!(
            chosen("kontakte"),
            None,
            "two are called so in other capitals"
        );
        let error = choose(&offered, "Private", "h").unwrap_err().to_string();
        assert!(
            error.contains("\"Work\"") && error.contains("Private"),
            "{error}"
        );
    }
}
