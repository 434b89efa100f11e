//! What goes wrong on the way of a call, and the one mapping to gRPC.

use access::Denied;
use journal::StoreError;
use machine::Refusal;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::reasons::Reason;

/// The domain of every `ErrorInfo`.
pub const DOMAIN: &str = "vinhdanh.vn";

/// Why a call changed nothing.
#[derive(Debug)]
pub enum Fault {
    /// The body asked for something that is not loaded yet: the engine loads it and runs the body again.
    Need,
    /// Not permitted, or not there: the same to the caller.
    Denied(Denied),
    /// A rule forbids it: the right request at the wrong moment.
    Refused {
        /// A reason of the table.
        reason: &'static str,
        /// What a person needs to know, without personal data.
        detail: String,
    },
    /// The request itself is wrong, field by field.
    Invalid {
        /// A reason of the table.
        reason: &'static str,
        /// (field, what is wrong).
        fields: Vec<(String, String)>,
    },
    /// The etag is not the newest.
    Stale {
        /// The etag given.
        given: String,
    },
    /// The request id was used for another request.
    Reused,
    /// Too many decisions on the same thing at once.
    Contended,
    /// A limit is reached.
    Exhausted(&'static str),
    /// The store failed, or is away.
    Store(StoreError),
    /// Something that cannot be: a bug or a damaged row. The text goes to the log, not to the caller.
    Internal(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        if error.is_of_a_text() {
            return Self::field(
                "INVALID_REQUEST",
                "text",
                "holds the character NUL, which is never stored",
            );
        }
        Self::Store(error)
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused {
            reason: refusal.reason,
            detail: refusal.detail,
        }
    }
}

impl Fault {
    /// A request with one wrong field.
    pub fn field(reason: &'static str, field: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Invalid {
            reason,
            fields: vec![(field.into(), what.into())],
        }
    }

    /// A refusal with a detail.
    pub fn refused(reason: &'static str, detail: impl Into<String>) -> Self {
        Self::Refused {
            reason,
            detail: detail.into(),
        }
    }

    /// Whether trying the same again later can help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Need | Self::Contended | Self::Store(_))
    }

    /// The stable reason.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Denied(_) => "PERMISSION_DENIED",
            Self::Refused { reason, .. } | Self::Invalid { reason, .. } | Self::Exhausted(reason) => reason,
            Self::Stale { .. } => "STALE_ETAG",
            Self::Reused => "REQUEST_ID_REUSED",
            Self::Need | Self::Contended => "CONTENDED",
            Self::Store(_) => "STORE_UNAVAILABLE",
            Self::Internal(_) => "INTERNAL",
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused { detail, .. } if !detail.is_empty() => write!(f, "{}: {detail}", self.reason()),
            Self::Invalid { fields, .. } => {
                let all: Vec<_> = fields.iter().map(|(field, what)| format!("{field}: {what}")).collect();
                write!(f, "{}: {}", self.reason(), all.join("; "))
            }
            Self::Store(error) => {
                let cause = std::error::Error::source(error)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                write!(f, "{}: {error} {cause}", self.reason())
            }
            Self::Internal(detail) => write!(f, "INTERNAL: {detail}"),
            Self::Denied(_) | Self::Refused { .. } | Self::Stale { .. } | Self::Reused | Self::Need => {
                f.write_str(self.reason())
            }
            Self::Contended | Self::Exhausted(_) => f.write_str(self.reason()),
        }
    }
}

impl From<Fault> for Status {
    fn from(fault: Fault) -> Self {
        match &fault {
            Fault::Store(_) | Fault::Internal(_) => tracing::error!(reason = fault.reason(), %fault, "call failed"),
            Fault::Denied(denied) => tracing::info!(cause = ?denied, "call denied"),
            _ => {}
        }
        let simple = |code: Code, reason: &str, vi: &str, en: &str| {
            let mut details = ErrorDetails::with_error_info(reason, DOMAIN, std::collections::HashMap::new());
            details.set_localized_message("vi", vi);
            Status::with_error_details(code, en, details)
        };
        match fault {
            Fault::Contended | Fault::Need => simple(
                Code::Aborted,
                "CONTENDED",
                "Hồ sơ đang được xử lý; hãy thử lại.",
                "decided by others just now; retry",
            ),
            Fault::Store(_) => simple(
                Code::Unavailable,
                "STORE_UNAVAILABLE",
                "Kho dữ liệu tạm thời không dùng được; hãy thử lại với cùng request_id.",
                "the store is away; retry with the same request_id",
            ),
            Fault::Internal(_) => simple(Code::Internal, "INTERNAL", "Lỗi nội bộ.", "internal error"),
            Fault::Refused { reason, detail } => status(reason, &detail, Vec::new()),
            Fault::Invalid { reason, fields } => status(reason, "", fields),
            Fault::Stale { given } => status("STALE_ETAG", &format!("etag {given} is not the newest"), Vec::new()),
            other => status(other.reason(), "", Vec::new()),
        }
    }
}

/// Too much at once: come again after this pause, or a little later.
pub fn crowded(pause: std::time::Duration) -> Status {
    let reason = Reason::named("OVERLOADED");
    let mut details = ErrorDetails::with_error_info(reason.name, DOMAIN, std::collections::HashMap::new());
    details.set_localized_message("vi", reason.vi);
    details.set_retry_info(Some(pause));
    Status::with_error_details(reason.code, reason.en, details)
}

/// A refusal as gRPC tells it: code and texts of the reason, ErrorInfo, the detail, the fields.
pub fn status(name: &str, detail: &str, fields: Vec<(String, String)>) -> Status {
    let reason = Reason::named(name);
    let mut metadata = std::collections::HashMap::new();
    if !detail.is_empty() {
        metadata.insert("detail".to_owned(), detail.to_owned());
    }
    let mut details = ErrorDetails::with_error_info(reason.name, DOMAIN, metadata);
    details.set_localized_message(
        "vi",
        if detail.is_empty() {
            reason.vi.to_owned()
        } else {
            format!("{} ({detail})", reason.vi)
        },
    );
    if !fields.is_empty() {
        details.set_bad_request(
            fields
                .into_iter()
                .map(|(field, what)| tonic_types::FieldViolation::new(field, what))
                .collect::<Vec<_>>(),
        );
    }
    let message = if detail.is_empty() {
        reason.en.to_owned()
    } else {
        format!("{}: {detail}", reason.en)
    };
    Status::with_error_details(reason.code, message, details)
}
