//! Faults of the connection: dropped, cut, stalled, endless.

use std::time::Duration;

use cardweave::demo::server::{Answer, Response, Step};

use super::family;

family! {
    /// What goes wrong below HTTP.
    Transport {
        /// Closed before anything was done.
        DropBefore = "drop_before",
        /// Done, then closed without an answer.
        DropAfter = "drop_after",
        /// Done, then closed in the middle of the answer.
        DropMidResponse = "drop_mid_response",
        ResetBefore = "reset_before",
        ResetAfter = "reset_after",
        /// Accepts, and says nothing any more.
        Hang = "hang",
        /// Done, and then says nothing.
        HangAfter = "hang_after",
        /// One byte every 0.2 s.
        Drip = "drip",
        /// The whole answer, 0.3 s late.
        Slow = "slow",
        TruncatedChunked = "truncated_chunked",
        TruncatedLength = "truncated_length",
        /// HTTP/1.0 without a length: the end of the connection is the end of the answer. Legal.
        ConnectionClose = "conn_close",
        Endless = "endless",
        /// One header line of 1 MB.
        HugeHeader = "huge_header",
        /// 0.5 MB of gzip that unpacks to 0.5 GB of spaces.
        GzipBomb = "gzip_bomb",
        /// 102 Processing before the answer. Legal.
        Interim = "interim",
    }
}

impl Transport {
    pub(super) fn before(self) -> Option<Answer> {
        match self {
            Transport::DropBefore => Some(Answer::Steps(Vec::new())),
            Transport::ResetBefore => Some(Answer::Steps(vec![Step::Reset])),
            Transport::Hang => Some(Answer::Steps(vec![Step::Hang])),
            _ => None,
        }
    }

    pub(super) fn after(self, response: Response) -> Answer {
        let length = response.body.len();
        Answer::Steps(match self {
            Transport::DropBefore | Transport::ResetBefore | Transport::Hang => {
                unreachable!("it was answered before")
            }
            Transport::DropAfter => Vec::new(),
            Transport::DropMidResponse => {
                let mut bytes = with_head(&response, &[("Content-Length", length.to_string())]);
                bytes.truncate(bytes.len() - length.max(40) / 2);
                vec![Step::Send(bytes)]
            }
            Transport::ResetAfter => vec![Step::Reset],
            Transport::HangAfter => vec![Step::Hang],
            Transport::Drip => with_head(&response, &[("Content-Length", length.to_string())])
                .into_iter()
                .flat_map(|byte| {
                    [
                        Step::Send(vec![byte]),
                        Step::Wait(Duration::from_millis(200)),
                    ]
                })
                .collect(),
            Transport::Slow => vec![
                Step::Wait(Duration::from_millis(300)),
                Step::Send(with_head(
                    &response,
                    &[("Content-Length", length.to_string())],
                )),
            ],
            Transport::TruncatedChunked => {
                let head = Response {
                    body: Vec::new(),
                    ..response.clone()
                };
                let mut bytes = with_head(&head, &[("Transfer-Encoding", "chunked".into())]);
                bytes.extend(format!("{:x}\r\n", length + 100).into_bytes());
                bytes.extend(response.body);
                vec![Step::Send(bytes)]
            }
            Transport::TruncatedLength => {
                vec![Step::Send(with_head(
                    &response,
                    &[("Content-Length", (length + 100).to_string())],
                ))]
            }
            Transport::ConnectionClose => {
                let bytes = with_head(&response, &[]);
                let text = b"HTTP/1.0"
                    .iter()
                    .chain(&bytes[b"HTTP/1.0".len()..])
                    .copied()
                    .collect();
                vec![Step::Send(text)]
            }
            Transport::Endless => {
                let start = Response::xml(207, "<D:multistatus xmlns:D=\"DAV:\">".into());
                let member = "<D:response><D:href>/books/people/x.vcf</D:href><D:propstat><D:prop><D:getetag>\"x\"\
                              </D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>";
                vec![
                    Step::Send(with_head(&start, &[])),
                    Step::Repeat(member.repeat(300).into_bytes()),
                ]
            }
            Transport::HugeHeader => {
                let headers = [
                    ("Content-Length", length.to_string()),
                    ("X-Padding", "x".repeat(1 << 20)),
                ];
                vec![Step::Send(with_head(&response, &headers))]
            }
            Transport::GzipBomb => {
                let bomb = Response {
                    body: bomb(),
                    ..response
                };
                let headers = [
                    ("Content-Encoding", "gzip".to_owned()),
                    ("Content-Length", bomb.body.len().to_string()),
                ];
                vec![Step::Send(with_head(&bomb, &headers))]
            }
            Transport::Interim => {
                let mut bytes = b"HTTP/1.1 102 Processing\r\n\r\n".to_vec();
                bytes.extend(with_head(
                    &response,
                    &[("Content-Length", length.to_string())],
                ));
                vec![Step::Send(bytes)]
            }
        })
    }
}

/// An answer as bytes, with these headers beside its own.
fn with_head(response: &Response, headers: &[(&str, String)]) -> Vec<u8> {
    let mut head = format!(
        "HTTP/1.1 {} Status\r\nConnection: close\r\n",
        response.status
    );
    let own = response
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    for (name, value) in own.chain(headers.iter().map(|(name, value)| (*name, value))) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    [head.as_bytes(), &response.body].concat()
}

/// A gzip member of one dynamic block (RFC 1951 section 3.2.7) in which a run of 258 spaces costs
/// two bits: the best that deflate can do, which no honest text comes near.
fn bomb() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.number(0b101, 3); // the last block, dynamic codes
    bits.number(29, 5); // 286 literal and length codes
    bits.number(0, 5); // 1 distance code
    bits.number(14, 4); // 18 lengths of the code of code lengths, in the order of the RFC
    for place in 0..18 {
        let length = match place {
            2 => 1,       // a run of zeros
            15 | 17 => 2, // the lengths 2 and 1
            _ => 0,
        };
        bits.number(length, 3);
    }
    // Codes of code lengths: 18 (a run of zeros) is 0, 1 is 10, 2 is 11.
    let zeros = |bits: &mut Bits, count: u32| {
        bits.number(0, 1);
        bits.number(count - 11, 7);
    };
    zeros(&mut bits, 32);
    bits.code(0b11, 2); // the space: length 2
    zeros(&mut bits, 138);
    zeros(&mut bits, 85);
    bits.code(0b11, 2); // the end of the block: length 2
    zeros(&mut bits, 28);
    bits.code(0b10, 2); // the run of 258: length 1
    bits.code(0b10, 2); // the distance of 1: length 1
    bits.code(0b10, 2); // one space; what follows repeats it, two zero bits a time
    let mut bytes = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
    bytes.extend(bits.bytes);
    bytes.resize(bytes.len() + (1 << 19), 0);
    bytes
}

/// Bits, packed as deflate packs them.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn bit(&mut self, bit: u32) {
        if self.used.is_multiple_of(8) {
            self.bytes.push(0);
        }
        let last = self.bytes.len() - 1;
        self.bytes[last] |= (bit as u8) << (self.used % 8);
        self.used += 1;
    }

    /// Least significant bit first.
    fn number(&mut self, value: u32, width: u32) {
        (0..width).for_each(|at| self.bit(value >> at & 1));
    }

    /// Most significant bit first, as Huffman codes go.
    fn code(&mut self, value: u32, width: u32) {
        (0..width).rev().for_each(|at| self.bit(value >> at & 1));
    }
}
