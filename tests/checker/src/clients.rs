//! The clients' log: what officials asked, and what they were told.

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use journal::{Micros, chain::scope};
use prost::Message;
use serde::{Deserialize, Serialize};
use tonic::{Code, Response, Status};

use crate::{
    folder::{Unreadable, lines},
    receivers::{Lines, sha256},
    replies,
    stores::Scope,
};

/// Who asks: what the token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// E.g. `clerk@so-noi-vu-hung-yen`.
    pub subject: String,
    /// E.g. `clerk`.
    pub role: String,
    /// E.g. `so-noi-vu-hung-yen`.
    pub agency: String,
}

impl Who {
    /// As the journal scopes request ids.
    pub(crate) fn scope(&self) -> Scope {
        scope(&format!("{}/{}@{}", self.subject, self.role, self.agency))
    }
}

/// One thing that an official wants, over all its attempts.
#[derive(Debug)]
pub struct Operation {
    id: String,
    method: String,
    who: Who,
    request_id: String,
    attempts: AtomicU32,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum Ended {
    /// Acknowledged.
    Ok {
        /// SHA-256 of the reply, hex, without what only the first answer shows.
        reply: String,
        /// What it was said to have moved: aggregates and, where the reply tells, their versions.
        moved: BTreeMap<String, Option<u64>>,
    },
    /// Refused: it must not have happened.
    Fail {
        /// gRPC's code.
        code: String,
        /// The reason in its details, or the message.
        reason: String,
    },
    /// It may have happened.
    Unknown {
        /// Why it is not known.
        because: String,
    },
}

impl Ended {
    /// The end of a call of `method` (`intake/CreateDossier`).
    pub fn of<R: Message>(method: &str, answer: &Result<R, Status>) -> Self {
        match answer {
            Ok(reply) => {
                let told = replies::told(method, &reply.encode_to_vec());
                Self::Ok {
                    reply: sha256(&told.kept),
                    moved: told.moved,
                }
            }
            Err(status) => match status.code() {
                code @ (Code::Unavailable
                | Code::DeadlineExceeded
                | Code::Cancelled
                | Code::Unknown
                | Code::Internal
                | Code::DataLoss) => Self::Unknown {
                    because: format!("{code:?}: {}", status.message()),
                },
                code => Self::Fail {
                    code: format!("{code:?}"),
                    reason: status.message().to_owned(),
                },
            },
        }
    }
}

/// One attempt, as the log knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it was invoked.
    pub invoked_at: Micros,
    /// SHA-256 of the request, hex, as the journal digests it.
    pub payload: String,
    /// When it ended, and how; none: nobody knows.
    pub ended: Option<(Micros, Ended)>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    Invoke {
        op: String,
        attempt: u32,
        at: Micros,
        method: String,
        who: Who,
        request_id: String,
        payload: String,
    },
    End {
        op: String,
        attempt: u32,
        at: Micros,
        how: Ended,
    },
}

/// Writes `clients.jsonl`.
#[derive(Debug)]
pub struct ClientLog(Lines);

impl ClientLog {
    /// Appends to a file, which is made if it is missing.
    pub fn append(file: &Path) -> io::Result<Self> {
        Lines::append(file).map(Self)
    }

    /// A new operation: a call of `method` (`intake/CreateDossier`) with this request id, which nobody else may use for
    /// another operation unless that is what is tested.
    pub fn operation(&self, id: &str, method: &str, who: &Who, request_id: &str) -> Operation {
        Operation {
            id: id.to_owned(),
            method: method.to_owned(),
            who: who.clone(),
            request_id: request_id.to_owned(),
            attempts: AtomicU32::new(0),
        }
    }

    /// Notes that an attempt goes out; its number.
    pub fn invoke(&self, op: &Operation, request: &impl Message, at: Micros) -> io::Result<u32> {
        let attempt = op.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.write(&Line::Invoke {
            op: op.id.clone(),
            attempt,
            at,
            method: op.method.clone(),
            who: op.who.clone(),
            request_id: op.request_id.clone(),
            payload: sha256(&replies::digested(&op.method, &request.encode_to_vec())),
        })?;
        Ok(attempt)
    }

    /// Notes how an attempt ended.
    pub fn end(&self, op: &Operation, attempt: u32, how: Ended, at: Micros) -> io::Result<()> {
        let op = op.id.clone();
        self.0.write(&Line::End { op, attempt, at, how })
    }

    /// One attempt with its lines before and after. Dropped halfway it stays without an end: unknown. What cannot be
    /// logged is not asked: `INTERNAL`.
    pub async fn call<R: Message>(
        &self,
        op: &Operation,
        request: &impl Message,
        now: impl Fn() -> Micros,
        call: impl Future<Output = Result<Response<R>, Status>>,
    ) -> Result<R, Status> {
        let unlogged = |error: io::Error| Status::internal(format!("the clients' log: {error}"));
        let attempt = self.invoke(op, request, now()).map_err(unlogged)?;
        let answer = call.await.map(Response::into_inner);
        self.end(op, attempt, Ended::of(&op.method, &answer), now())
            .map_err(unlogged)?;
        answer
    }
}

/// An operation with all its attempts, as read.
#[derive(Clone, Debug)]
pub(crate) struct Logged {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) who: Who,
    pub(crate) request_id: String,
    pub(crate) attempts: Vec<Attempt>,
    /// The line of its first invocation.
    pub(crate) invoked_in: usize,
    /// The line of its first acknowledgement.
    pub(crate) acknowledged_in: Option<usize>,
}

impl Logged {
    /// The service that answers it.
    pub(crate) fn service(&self) -> &str {
        self.method.split_once('/').map_or("", |(service, _)| service)
    }

    /// The attempts that were acknowledged: reply hash, what moved.
    pub(crate) fn acknowledged(&self) -> impl Iterator<Item = (&str, &BTreeMap<String, Option<u64>>)> {
        self.attempts.iter().filter_map(|attempt| match &attempt.ended {
            Some((_, Ended::Ok { reply, moved })) => Some((reply.as_str(), moved)),
            _ => None,
        })
    }

    /// Whether every attempt was refused: one that nobody knows of may have happened.
    pub(crate) fn is_refused(&self) -> bool {
        let refused = |attempt: &Attempt| matches!(attempt.ended, Some((_, Ended::Fail { .. })));
        self.attempts.iter().all(refused)
    }
}

/// Reads the log, in the order of first invocations.
pub(crate) fn read(file: &Path) -> Result<Vec<Logged>, Unreadable> {
    let wrong = |what: String| Unreadable::Log(file.to_owned(), what);
    let mut operations: Vec<Logged> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (number, line) in lines(file)?.into_iter().enumerate() {
        match line {
            Line::Invoke {
                op,
                attempt,
                at,
                method,
                who,
                request_id,
                payload,
            } => {
                let place = *places.entry(op.clone()).or_insert_with(|| {
                    operations.push(Logged {
                        id: op.clone(),
                        method: method.clone(),
                        who: who.clone(),
                        request_id: request_id.clone(),
                        attempts: Vec::new(),
                        invoked_in: number,
                        acknowledged_in: None,
                    });
                    operations.len() - 1
                });
                let known = &mut operations[place];
                if (&known.method, &known.who, &known.request_id) != (&method, &who, &request_id) {
                    return Err(wrong(format!(
                        "operation {op} changes its method, caller or request id"
                    )));
                }
                if attempt as usize != known.attempts.len() + 1 {
                    return Err(wrong(format!(
                        "attempt {attempt} of operation {op} is not the next one"
                    )));
                }
                known.attempts.push(Attempt {
                    invoked_at: at,
                    payload,
                    ended: None,
                });
            }
            Line::End { op, attempt, at, how } => {
                let known = places.get(&op).map(|place| &mut operations[*place]);
                let attempted = known.and_then(|known| known.attempts.get_mut((attempt as usize).checked_sub(1)?));
                let Some(attempted) = attempted else {
                    return Err(wrong(format!(
                        "attempt {attempt} of operation {op} ends before it began"
                    )));
                };
                if attempted.ended.is_some() {
                    return Err(wrong(format!("attempt {attempt} of operation {op} ends twice")));
                }
                attempted.ended = Some((at, how));
            }
        }
    }
    Ok(operations)
}
