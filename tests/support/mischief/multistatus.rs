//! The responses of a multistatus document of our own server, to be cut and changed as text.

use cardweave::demo::server::Response;

/// A multistatus document, taken apart. Only for the server's own spelling of XML.
pub struct Multistatus {
    pub head: String,
    /// Each from `<D:response>` to its end.
    pub responses: Vec<String>,
    pub tail: String,
}

const OPEN: &str = "<D:response>";
const CLOSE: &str = "</D:response>";

impl Multistatus {
    /// `None` where the answer is none.
    pub fn of(response: &Response) -> Option<Self> {
        if response.status != 207 {
            return None;
        }
        let text = std::str::from_utf8(&response.body).ok()?;
        let Some(start) = text.find(OPEN) else {
            let end = text.find('>')? + 1;
            let end = end + text[end..].find('>')? + 1;
            return Some(Self {
                head: text[..end].into(),
                responses: Vec::new(),
                tail: text[end..].into(),
            });
        };
        let end = text.rfind(CLOSE)? + CLOSE.len();
        let responses = text[start..end]
            .split(CLOSE)
            .map(str::trim_start)
            .filter(|response| !response.is_empty())
            .map(|response| format!("{response}{CLOSE}\n"))
            .collect();
        Some(Self {
            head: text[..start].into(),
            responses,
            tail: text[end..].into(),
        })
    }

    /// Puts it back into an answer.
    pub fn into(self, mut response: Response) -> Response {
        response.body =
            format!("{}{}{}", self.head, self.responses.concat(), self.tail).into_bytes();
        response
    }

    /// The numbers of the responses that are about cards, and not about the book itself.
    pub fn members(&self) -> Vec<usize> {
        (0..self.responses.len())
            .filter(|at| !href(&self.responses[*at]).ends_with('/'))
            .collect()
    }
}

/// The text of the first `D:href`.
pub fn href(response: &str) -> &str {
    between(response, "<D:href>", "</D:href>").unwrap_or_default()
}

/// What stands between two texts, the first time.
pub fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let start = text.find(open)? + open.len();
    Some(&text[start..start + text[start..].find(close)?])
}

/// Replaces what stands between two texts, each time, by what `change` makes of it.
pub fn change_between(
    text: &str,
    open: &str,
    close: &str,
    mut change: impl FnMut(&str) -> String,
) -> String {
    let mut changed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        let Some((inside, after)) = after.split_once(close) else {
            break;
        };
        changed.push_str(before);
        changed.push_str(open);
        changed.push_str(&change(inside));
        changed.push_str(close);
        rest = after;
    }
    changed + rest
}
