//! HTTP/1.1 messages to and from bytes (RFC 9112).

use std::io::{self, Read, Write};
use std::net::TcpStream;

use super::message::{Request, Response};

/// The longest request that is read, in bytes.
const MAX_REQUEST_BYTES: usize = 64 << 20;
const MAX_HEADERS: usize = 64;

/// Reads one request whole, and whether the connection stays open after its answer. `None` where
/// the client has ended it.
pub(super) fn read_request(
    connection: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> io::Result<Option<(Request, bool)>> {
    let broken = |text: &str| io::Error::new(io::ErrorKind::InvalidData, text.to_owned());
    let (mut request, minor, head_bytes) = loop {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut head = httparse::Request::new(&mut headers);
        match head.parse(buffer) {
            Ok(httparse::Status::Complete(length)) => {
                let target = head.path.unwrap_or("/");
                let request = Request {
                    method: head.method.unwrap_or_default().to_owned(),
                    path: target.split('?').next().unwrap_or_default().to_owned(),
                    headers: head
                        .headers
                        .iter()
                        .map(|header| {
                            (
                                header.name.to_owned(),
                                String::from_utf8_lossy(header.value).into_owned(),
                            )
                        })
                        .collect(),
                    body: Vec::new(),
                };
                break (request, head.version.unwrap_or(1), length);
            }
            Ok(httparse::Status::Partial) => {
                if !fill(connection, buffer)? {
                    return Ok(None);
                }
            }
            Err(error) => {
                connection.write_all(&frame(&Response::empty(400), false, false))?;
                return Err(broken(&error.to_string()));
            }
        }
    };
    buffer.drain(..head_bytes);
    if request
        .header("Expect")
        .is_some_and(|expect| expect.eq_ignore_ascii_case("100-continue"))
    {
        connection.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let is_chunked = request
        .header("Transfer-Encoding")
        .is_some_and(|coding| coding.trim().eq_ignore_ascii_case("chunked"));
    if is_chunked {
        loop {
            let (start, size) = loop {
                match httparse::parse_chunk_size(buffer) {
                    Ok(httparse::Status::Complete((start, size))) => {
                        break (start, usize::try_from(size).unwrap_or(usize::MAX));
                    }
                    Ok(httparse::Status::Partial) if fill(connection, buffer)? => {}
                    _ => return Err(broken("a torn chunk")),
                }
            };
            // Each chunk ends with a line end of its own, the last one too (without trailers).
            let body = read_exactly(connection, buffer, start, size, request.body.len())?;
            request.body.extend_from_slice(&body);
            if !buffer.starts_with(b"\r\n") {
                while buffer.len() < 2 && fill(connection, buffer)? {}
            }
            buffer.drain(..buffer.len().min(2));
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = request.header("Content-Length") {
        let length = length
            .trim()
            .parse()
            .map_err(|_| broken("a length that is no number"))?;
        request.body = read_exactly(connection, buffer, 0, length, 0)?;
    }
    let wish = request
        .header("Connection")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let stays = if minor == 0 {
        wish.contains("keep-alive")
    } else {
        !wish.contains("close")
    };
    Ok(Some((request, stays)))
}

/// Takes `size` bytes after the first `start` ones out of the buffer.
fn read_exactly(
    connection: &mut TcpStream,
    buffer: &mut Vec<u8>,
    start: usize,
    size: usize,
    already: usize,
) -> io::Result<Vec<u8>> {
    if size > MAX_REQUEST_BYTES - already.min(MAX_REQUEST_BYTES) {
        connection.write_all(&frame(&Response::empty(413), false, false))?;
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a request that is too long",
        ));
    }
    while buffer.len() < start + size {
        if !fill(connection, buffer)? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let body = buffer[start..start + size].to_vec();
    buffer.drain(..start + size);
    Ok(body)
}

/// Reads what has come. Whether there was anything before the end.
fn fill(connection: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut block = [0; 16 << 10];
    let count = connection.read(&mut block)?;
    buffer.extend_from_slice(&block[..count]);
    if buffer.len() > MAX_REQUEST_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a request that is too long",
        ));
    }
    Ok(count > 0)
}

/// Puts an answer into bytes, with its length (RFC 9112 section 6).
pub(super) fn frame(response: &Response, is_head: bool, stays: bool) -> Vec<u8> {
    let mut head = format!(
        "HTTP/1.1 {} {}\r\n",
        response.status,
        reason(response.status)
    );
    for (name, value) in &response.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    // 204 and 304 have no body, and so no length either (RFC 9110 section 8.6).
    if !matches!(response.status, 204 | 304) && response.header("Content-Length").is_none() {
        head.push_str(&format!("Content-Length: {}\r\n", response.body.len()));
    }
    if !stays {
        head.push_str("Connection: close\r\n");
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    if !is_head {
        bytes.extend_from_slice(&response.body);
    }
    bytes
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        207 => "Multi-Status",
        301 => "Moved Permanently",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        _ => "Status",
    }
}
