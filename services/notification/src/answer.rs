//! What came of one attempt, by whatever channel.

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The receiver has it: HTTP 2xx, SMTP 250 to the data.
    Taken(String),
    /// HTTP 410: neither this nor any other, ever.
    Gone,
    /// Not this one, ever: SMTP 5xx.
    Refused(String),
    /// Anything else.
    Failed {
        /// E.g. `HTTP 500`, `timeout`; says nothing of what stands behind the endpoint.
        result: String,
        /// The pause asked for, in seconds; 0 if none.
        retry_after_s: u32,
    },
}

impl Answer {
    pub(crate) fn failed(result: &str) -> Self {
        Self::Failed {
            result: result.to_owned(),
            retry_after_s: 0,
        }
    }
}
