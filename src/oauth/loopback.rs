//! Waits on this machine for the browser to come back (RFC 8252 section 7.3).

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::callback::{Answer, Heard, of_request};

/// Browsers open connections ahead of time and leave them silent, so one at a time will not do.
const MOST_CONNECTIONS: usize = 16;
const LONGEST_HEAD: usize = 32 << 10;
const SILENCE: Duration = Duration::from_secs(10);

/// A port of this machine that only this machine can reach.
pub(super) struct Loopback {
    listener: TcpListener,
    host: String,
    connections: JoinSet<Heard>,
}

impl Loopback {
    pub(super) async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let host = listener.local_addr()?.to_string();
        Ok(Self {
            listener,
            host,
            connections: JoinSet::new(),
        })
    }

    /// Where the browser is to come back to.
    pub(super) fn redirect(&self) -> String {
        format!("http://{}/", self.host)
    }

    /// The next thing that came with our state or with a wrong one. May be dropped and called
    /// again: nothing is lost by it.
    pub(super) async fn next(&mut self, state: &str) -> Heard {
        let state: Arc<str> = state.into();
        loop {
            tokio::select! {
                Some(heard) = self.connections.join_next() => match heard {
                    Ok(Heard::Nothing) | Err(_) => {}
                    Ok(heard) => return heard,
                },
                accepted = self.listener.accept(), if self.connections.len() < MOST_CONNECTIONS => {
                    if let Ok((connection, _)) = accepted {
                        let (host, state) = (self.host.clone(), Arc::clone(&state));
                        self.connections.spawn(async move { serve(connection, &host, &state).await });
                    } else {
                        // No descriptors left, or a connection that is gone already.
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            }
        }
    }
}

/// Reads one request and answers it with a page that repeats nothing of it.
async fn serve(mut connection: TcpStream, host: &str, state: &str) -> Heard {
    let mut head = Vec::new();
    let complete = timeout(SILENCE, async {
        let mut part = [0; 4096];
        while !head.windows(4).any(|window| window == b"\r\n\r\n") {
            let count = connection.read(&mut part).await.unwrap_or(0);
            if count == 0 || head.len() + count > LONGEST_HEAD {
                return false;
            }
            head.extend_from_slice(&part[..count]);
        }
        true
    });
    if !matches!(complete.await, Ok(true)) {
        return Heard::Nothing;
    }
    let heard = of_request(&head, host, state);
    let (status, text) = match &heard {
        Heard::Answer(Answer::Code(_)) => (
            "200 OK",
            "The answer has arrived. Close this window and go back to the terminal.",
        ),
        Heard::Answer(Answer::Error(..)) => (
            "200 OK",
            "The sign-in was not completed. Close this window; the terminal says more.",
        ),
        Heard::Strange => (
            "400 Bad Request",
            "This does not belong to the sign-in that is waiting. It was not used.",
        ),
        Heard::Nothing => ("404 Not Found", "There is nothing here."),
    };
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>cardweave</title>\
         <p>{text}</p></html>"
    );
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         Content-Security-Policy: default-src 'none'\r\nX-Content-Type-Options: nosniff\r\n\r\n{page}",
        page.len()
    );
    // Whether the browser could show the page changes nothing about what it brought.
    let _ = timeout(SILENCE, async {
        connection.write_all(answer.as_bytes()).await?;
        connection.shutdown().await
    })
    .await;
    heard
}
