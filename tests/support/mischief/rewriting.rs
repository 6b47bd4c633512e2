//! What real servers do to a card that they store: strip, sort, convert, rename.

use cardweave::demo::server::{Books, Request, Response};

use super::{Notes, family};

family! {
    /// How a card is changed before it is kept.
    Rewriting {
        StripX = "strip_x",
        StripNote = "strip_note",
        /// All parameters but those without which a value cannot be read.
        StripParams = "strip_params",
        DropPhoto = "drop_photo",
        /// `PHOTO:data:image/jpeg;base64,...` of 4.0 is cut at the semicolon, as Cyrus does.
        SpoilPhoto = "spoil_photo",
        RewriteUid = "rewrite_uid",
        /// A new card is kept under another name.
        RewriteHref = "rewrite_href",
        ToV3 = "to_v3",
        ToV4 = "to_v4",
        LfOnly = "lf_only",
        /// Properties by name, names in capitals, as Radicale does.
        Sort = "sort",
        /// A REV of the server's own, another one each time.
        AddRev = "add_rev",
    }
}

impl Rewriting {
    pub(super) fn before(self, request: &mut Request, books: &Books, notes: &mut Notes) {
        notes.rewritten = false;
        notes.moved_to = None;
        notes.count += 1;
        if self == Rewriting::RewriteHref {
            let (folder, name) = request.path.rsplit_once('/').unwrap_or(("", &request.path));
            if books.card(&request.path).is_none() && !name.starts_with("srv-") {
                let elsewhere = format!("{folder}/srv-{name}");
                notes.moved_to = Some(elsewhere.clone());
                request.path = elsewhere;
            }
            return;
        }
        let Ok(text) = std::str::from_utf8(&request.body) else {
            return;
        };
        let rewritten = self.rewrite(text, notes.count).into_bytes();
        notes.rewritten = rewritten != request.body;
        request.body = rewritten;
    }

    pub(super) fn after(self, mut response: Response, tells_etag: bool, notes: &Notes) -> Response {
        if notes.rewritten && !tells_etag {
            response.set("ETag", None);
        }
        if let Some(path) = notes
            .moved_to
            .as_deref()
            .filter(|_| matches!(response.status, 201 | 204))
        {
            response.set("Location", Some(path));
        }
        response
    }

    /// The card as the server keeps it; `count` is another one each time.
    pub fn rewrite(self, card: &str, count: u64) -> String {
        let lines = logical_lines(card);
        let keep = |is_kept: &dyn Fn(&str) -> bool| -> String {
            lines
                .iter()
                .copied()
                .filter(|line| is_kept(&name(line)))
                .collect()
        };
        match self {
            Rewriting::StripX => keep(&|name| !name.starts_with("X-")),
            Rewriting::StripNote => keep(&|name| name != "NOTE"),
            Rewriting::DropPhoto => keep(&|name| name != "PHOTO"),
            Rewriting::StripParams => lines
                .iter()
                .map(|line| match (line.find(';'), value_start(line)) {
                    (Some(at), Some(value))
                        if at < value && !line.to_uppercase().contains("ENCODING=") =>
                    {
                        format!("{}{}", &line[..at], &line[value..])
                    }
                    _ => (*line).to_owned(),
                })
                .collect(),
            Rewriting::SpoilPhoto => lines
                .iter()
                .map(
                    |line| match line.find("data:").filter(|_| name(line) == "PHOTO") {
                        Some(at) => {
                            let end = line[at..]
                                .find(';')
                                .map_or(line.len(), |semicolon| at + semicolon);
                            format!("{}\r\n", line[..end].trim_end())
                        }
                        None => (*line).to_owned(),
                    },
                )
                .collect(),
            Rewriting::RewriteUid => lines
                .iter()
                .map(
                    |line| match value_start(line).filter(|_| name(line) == "UID") {
                        Some(at) if !line[at + 1..].starts_with("server-") => {
                            format!("{}:server-{}", &line[..at], &line[at + 1..])
                        }
                        _ => (*line).to_owned(),
                    },
                )
                .collect(),
            Rewriting::ToV3 => card.replacen("VERSION:4.0", "VERSION:3.0", 1),
            Rewriting::ToV4 => card.replacen("VERSION:3.0", "VERSION:4.0", 1),
            Rewriting::LfOnly => card.replace("\r\n", "\n"),
            Rewriting::Sort => {
                let mut body: Vec<String> = lines
                    .iter()
                    .filter(|line| !matches!(name(line).as_str(), "BEGIN" | "END" | "VERSION"))
                    .map(|line| {
                        let end = line.find([';', ':']).unwrap_or(line.len());
                        format!("{}{}", line[..end].to_uppercase(), &line[end..])
                    })
                    .collect();
                body.sort_by_key(|line| name(line));
                let first = keep(&|name| matches!(name, "BEGIN" | "VERSION"));
                format!("{first}{}{}", body.concat(), keep(&|name| name == "END"))
            }
            Rewriting::AddRev => {
                let others = keep(&|name| name != "REV");
                let moment = format!(
                    "REV:20200101T{:02}{:02}{:02}Z",
                    count / 3600 % 24,
                    count / 60 % 60,
                    count % 60
                );
                others.replacen("END:VCARD", &format!("{moment}\r\nEND:VCARD"), 1)
            }
            Rewriting::RewriteHref => card.to_owned(),
        }
    }
}

/// The lines of a card with their folded ones and their line ends.
fn logical_lines(card: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, _) in card.match_indices('\n') {
        if !matches!(card.as_bytes().get(at + 1), Some(b' ' | b'\t')) {
            lines.push(&card[start..=at]);
            start = at + 1;
        }
    }
    if start < card.len() {
        lines.push(&card[start..]);
    }
    lines
}

/// The name of a property in capitals, without its group.
fn name(line: &str) -> String {
    let end = line.find([';', ':']).unwrap_or(line.len());
    line[..end]
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .trim()
        .to_uppercase()
}

/// Where the colon before the value stands, outside of quotes.
fn value_start(line: &str) -> Option<usize> {
    let mut is_quoted = false;
    line.char_indices().find_map(|(at, character)| {
        is_quoted ^= character == '"';
        (character == ':' && !is_quoted).then_some(at)
    })
}
