//! Faults of redirects: to another host, to nowhere, and honest ones.

use cardweave::demo::server::{Answer, Request, Response};

use super::{Notes, family};

/// Where honest redirects lead: the same path behind this, which is understood on arrival.
pub(super) const MOVED: &str = "/moved";

family! {
    /// Where a request is sent instead.
    Redirect {
        /// To the script's other host, with 301.
        OtherHost301 = "redirect_other_host",
        OtherHost302 = "redirect_other_host_302",
        OtherHost307 = "redirect_other_host_307",
        OtherHost308 = "redirect_other_host_308",
        /// The home-set lies on the other host.
        HomeOtherHost = "home_other_host",
        /// To itself, for ever.
        Loop = "redirect_loop",
        /// To the same host: 301.
        Same301 = "redirect_same_301",
        Same302 = "redirect_same_302",
        Same307 = "redirect_same_307",
        Same308 = "redirect_same_308",
        /// To the same host by a path alone.
        SameRelative = "redirect_same_relative",
        /// Without saying where.
        Nowhere = "redirect_nowhere",
    }
}

impl Redirect {
    /// A rule usually says more: `/.well-known/`, PROPFIND, PUT.
    pub(super) fn suits(self, request: &Request) -> bool {
        self != Redirect::HomeOtherHost || request.method == "PROPFIND"
    }

    pub(super) fn before(self, request: &Request, notes: &mut Notes) -> Option<Answer> {
        let path = &request.path;
        let same = format!(
            "http://{}{MOVED}{path}",
            request.header("Host").unwrap_or_default()
        );
        // A client that follows comes back with the path it was sent away from, and is let in.
        let is_back = self.is_honest() && notes.said.remove(&("redirect", path.clone())).is_some();
        let other = || {
            let host = notes
                .other_host
                .as_ref()
                .expect("the script was given another host");
            format!("{host}{path}")
        };
        let (status, location) = match self {
            _ if is_back => return None,
            Redirect::HomeOtherHost => return None,
            Redirect::OtherHost301 => (301, other()),
            Redirect::OtherHost302 => (302, other()),
            Redirect::OtherHost307 => (307, other()),
            Redirect::OtherHost308 => (308, other()),
            Redirect::Loop => (301, format!("{MOVED}{path}")),
            Redirect::Same301 => (301, same),
            Redirect::Same302 => (302, same),
            Redirect::Same307 => (307, same),
            Redirect::Same308 => (308, same),
            Redirect::SameRelative => (301, format!("{MOVED}{path}")),
            Redirect::Nowhere => return Some(Answer::Response(Response::empty(301))),
        };
        if self.is_honest() {
            notes
                .said
                .insert(("redirect", path.clone()), location.clone());
        }
        Some(Answer::Response(
            Response::empty(status).with("Location", location),
        ))
    }

    fn is_honest(self) -> bool {
        matches!(
            self,
            Redirect::Same301
                | Redirect::Same302
                | Redirect::Same307
                | Redirect::Same308
                | Redirect::SameRelative
        )
    }

    pub(super) fn after(self, mut response: Response, notes: &Notes) -> Response {
        if self == Redirect::HomeOtherHost {
            let host = notes
                .other_host
                .as_ref()
                .expect("the script was given another host");
            let text = String::from_utf8_lossy(&response.body).into_owned();
            let open = "<C:addressbook-home-set><D:href>";
            response.body = text.replace(open, &format!("{open}{host}")).into_bytes();
        }
        response
    }
}
