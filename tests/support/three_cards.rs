//! A book of three cards, small enough to be known by heart.

use std::time::Duration;

use cardweave::demo::server::{Account, Books, Server};

use super::client::Client;

/// Where the cards are.
pub const BOOK: &str = "/books/people/";

/// The cards `a.vcf` and, but for the UID, `c.vcf`.
pub const PLAIN: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:a\r\nFN:Ada\r\nN:L;Ada;;;\r\nTEL;TYPE=work:1\r\nEND:VCARD\r\n";

/// A card of 4.0 with all that servers like to change: the card `b b.vcf`.
pub fn rich(uid: &str) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:{uid}\r\nN:B;Zoë;;;\r\nFN:Zoë B\r\nitem1.EMAIL;TYPE=work:z@example.org\r\n\
         PHOTO:data:image/jpeg;base64,AAAA\r\nNOTE:{}\r\nX-CARDWEAVE-TIER:A\r\nEND:VCARD\r\n",
        "x".repeat(1_200)
    )
}

/// The server's content: one book, three cards.
pub fn books() -> Books {
    let mut books = Books::new(Account::new("anna", "secret")).with_book("people", "People");
    books.put("/books/people/a.vcf", PLAIN.as_bytes());
    books.put("/books/people/b%20b.vcf", rich("b").as_bytes());
    books.put(
        "/books/people/c.vcf",
        PLAIN.replace("UID:a", "UID:c").as_bytes(),
    );
    books
}

/// A client that does not wait for a server that stalls.
pub fn client(server: &Server) -> Client {
    let mut client = Client::new(&server.url(), "anna", "secret");
    client.patience = Duration::from_millis(1_500);
    client
}
