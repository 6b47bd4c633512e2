//! What a listing says against what was known: which entries to read, and which are missing.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{ETag, Href};

/// A listing as far as it concerns us, by address.
#[derive(Debug, Clone, PartialEq)]
pub enum Listed {
    /// Everything that is there.
    Complete(BTreeMap<Href, ETag>),
    /// What moved.
    Since {
        changed: BTreeMap<Href, ETag>,
        gone: BTreeSet<Href>,
    },
}

/// What has to be looked at because of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct News {
    /// There, and not in the version that we know.
    pub to_read: BTreeSet<Href>,
    /// Known and not listed any more: to be confirmed before it counts as deleted.
    pub missing: BTreeSet<Href>,
    /// Were of no use before and are not there any more.
    pub cleared: BTreeSet<Href>,
}

/// Compares a listing with the versions that are known, by address.
///
/// ETags alone decide: "listed" never means "changed", because some servers answer a token they do
/// not know with everything. `known` maps to `None` what was written and never read back, and
/// `aside` what could not be used (`None`: try again). `unsure` addresses are neither.
pub fn news(
    listed: &Listed,
    known: &BTreeMap<Href, Option<ETag>>,
    aside: &BTreeMap<Href, Option<ETag>>,
    unsure: &BTreeSet<Href>,
) -> News {
    let (there, gone): (&BTreeMap<Href, ETag>, BTreeSet<&Href>) = match listed {
        Listed::Complete(there) => {
            let absent = |href: &&Href| !there.contains_key(*href) && !unsure.contains(*href);
            (
                there,
                known.keys().chain(aside.keys()).filter(absent).collect(),
            )
        }
        Listed::Since { changed, gone } => (changed, gone.iter().collect()),
    };
    let mut news = News::default();
    for (href, etag) in there {
        let seen = aside.get(href).or_else(|| known.get(href));
        if seen.and_then(Option::as_ref) != Some(etag) && !unsure.contains(href) {
            news.to_read.insert(href.clone());
        }
    }
    for href in gone {
        if known.contains_key(href) {
            news.missing.insert(href.clone());
        } else if aside.contains_key(href) {
            news.cleared.insert(href.clone());
        }
    }
    let again = aside.iter().filter(|(href, etag)| {
        etag.is_none() && !news.cleared.contains(*href) && !unsure.contains(*href)
    });
    news.to_read.extend(again.map(|(href, _)| href.clone()));
    news
}

#[cfg(test)]
mod tests {
    use super::*;

    fn href(text: &str) -> Href {
        Href::new(text)
    }

    fn etags(text: &str) -> BTreeMap<Href, ETag> {
        let pairs = text
            .split_whitespace()
            .map(|word| word.split_once('=').unwrap());
        pairs
            .map(|(name, etag)| (href(name), ETag::new(etag)))
            .collect()
    }

    fn known(text: &str) -> BTreeMap<Href, Option<ETag>> {
        etags(text)
            .into_iter()
            .map(|(href, etag)| (href, Some(etag)))
            .collect()
    }

    fn compare(listed: &Listed, known_as: &str) -> (Vec<String>, Vec<String>) {
        let news = news(listed, &known(known_as), &BTreeMap::new(), &BTreeSet::new());
        let names = |set: BTreeSet<Href>| set.iter().map(ToString::to_string).collect();
        (names(news.to_read), names(news.missing))
    }

    #[test]
    fn an_unchanged_store_is_no_news() {
        let listed = Listed::Complete(etags("a=1 b=2"));
        assert_eq!(compare(&listed, "a=1 b=2"), (vec![], vec![]));
    }

    #[test]
    fn a_new_version_is_read_and_an_absence_is_missing() {
        let listed = Listed::Complete(etags("a=2 c=1"));
        assert_eq!(
            compare(&listed, "a=1 b=2"),
            (vec!["a".into(), "c".into()], vec!["b".into()])
        );
    }

    #[test]
    fn a_difference_that_lists_everything_reads_only_what_moved() {
        let listed = Listed::Since {
            changed: etags("a=1 b=3"),
            gone: BTreeSet::new(),
        };
        assert_eq!(compare(&listed, "a=1 b=2 c=1"), (vec!["b".into()], vec![]));
    }

    #[test]
    fn a_loss_reported_of_something_unknown_is_no_news() {
        let listed = Listed::Since {
            changed: etags(""),
            gone: [href("x")].into(),
        };
        assert_eq!(compare(&listed, "a=1"), (vec![], vec![]));
    }

    #[test]
    fn what_could_not_be_told_is_neither_changed_nor_missing() {
        let listed = Listed::Complete(etags("a=2"));
        let unsure = [href("a"), href("b")].into();
        let news = news(&listed, &known("a=1 b=2"), &BTreeMap::new(), &unsure);
        assert_eq!(news, News::default());
    }

    #[test]
    fn what_was_of_no_use_is_read_again_only_when_it_changed() {
        let listed = Listed::Complete(etags("bad=1 worse=2"));
        let aside = known("bad=1 worse=1 gone=1");
        let news = news(&listed, &BTreeMap::new(), &aside, &BTreeSet::new());
        assert_eq!(news.to_read, [href("worse")].into());
        assert_eq!(news.cleared, [href("gone")].into());
    }

    #[test]
    fn what_was_written_and_never_read_back_is_read() {
        let listed = Listed::Complete(etags("a=1"));
        let known = BTreeMap::from([(href("a"), None)]);
        let news = news(&listed, &known, &BTreeMap::new(), &BTreeSet::new());
        assert_eq!(news.to_read, [href("a")].into());
    }
}
