//! The checker: reads what a run left behind and names every broken invariant, each with the shortest history that
//! shows it. It judges by data alone, and by machines stepped again; it asks no running service.
//!
//! # The run folder
//!
//! Whoever drives a run (the fault rig) fills a folder; all its parts are written with the types of this crate.
//!
//! | file | what | written with |
//! |---|---|---|
//! | `run.json` | seed, times, features, where the stores are | [`Run::write`] |
//! | `clients.jsonl` | every call that changes something: a line at invoke, one at its end | [`ClientLog`] |
//! | `webhooks.jsonl` | every call that a webhook receiver got | [`ReceiverLog`] |
//! | `mail.jsonl` | every message that the mail server got | [`ReceiverLog`] |
//! | `stream.jsonl` | optional: what lay on the bus' streams at the end | [`StreamDump`] |
//! | `data/<service>.db` | the five stores, unless `run.json` names a PostgreSQL | the services |
//!
//! Several processes may append to one log, and a log may go on over several starts of the services: lines are written
//! whole. The checker opens the stores as `admin verify --offline` does, so services must have stopped (or the folder
//! must be a copy). It does not change rows.
//!
//! # The clients' log
//!
//! An **operation** is one thing that an official wants; it keeps its request id over all its **attempts**. The line at
//! invoke is written *before* the call goes out. The line at the end says `ok`, `fail` or `unknown`; an attempt without
//! one (cancelled, client killed) is unknown, so dropping a call's future needs no care. [`Ended::of`] turns a gRPC
//! answer into an end: a refusal by the rules is `fail`; whatever leaves open whether it happened (`UNAVAILABLE`,
//! `DEADLINE_EXCEEDED`, `CANCELLED`, `UNKNOWN`, `INTERNAL`, `DATA_LOSS`) is `unknown`. Reads are not logged.
//!
//! [`ClientLog::call`] does all of it around one attempt:
//!
//! ```ignore
//! let op = log.operation("intake/CreateDossier", &who, &request_id);
//! let reply = log.call(&op, &request, || clock.now(), client.intake().create_dossier(request.clone())).await;
//! // to try again: the same `op`, the same request
//! ```
//!
//! The services' clock stamps the lines (under a simulated clock: the simulated time).
//!
//! # Receivers
//!
//! One line for each webhook call or mail, whatever was answered: its id (`webhook-id`; for mail `Message-ID` without
//! brackets and domain, so that it is the delivery's id too), the body's hash and the answer given. A line must be
//! written before a 2xx is answered, so that what the sender holds for delivered is in the log even if the receiver dies.
//!
//! # Verdict
//!
//! [`check`] answers a [`Report`]; the program `checker FOLDER` prints it and exits with 0 (clean), 1 (an invariant is
//! broken) or 2 (the folder cannot be read, or no operation in it was ever acknowledged).
//!
//! What one cause breaks is told once, under the invariant nearest to the cause: where an aggregate's history has a
//! hole (I2), its replay (I14) and its chain (I6) are not reported too.

mod clients;
mod folder;
mod judge;
mod receivers;
mod replies;
mod report;
mod steps;
mod stores;

pub use clients::{Attempt, ClientLog, Ended, Operation, Who};
pub use folder::{Run, RunFolder, Stores, Unreadable};
pub use judge::check;
pub use receivers::{Notified, ReceiverLog, StreamDump, Streamed};
pub use report::{Invariant, Looked, Report, Violation};
