//! An envelope as the headers of a message: `CloudEvents` 1.0 in binary mode, each value percent-encoded as that asks.

use std::fmt::Write as _;

use async_nats::HeaderMap;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::{BusError, Envelope};

const ID: &str = "ce-id";
const SOURCE: &str = "ce-source";
const TYPE: &str = "ce-type";
const SUBJECT: &str = "ce-subject";
const TIME: &str = "ce-time";
const SEQUENCE: &str = "ce-sequence";
const POSITION: &str = "ce-position";
const EPOCH: &str = "ce-epoch";
const AGENCY: &str = "ce-agency";
const TRACEPARENT: &str = "traceparent";

/// The header that keeps a message from being an event of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("header {0} is missing or unreadable")]
pub struct Undecodable(&'static str);

/// The headers of an event; `Unfit` if its time lies outside of the years 0 to 9999.
pub fn encode(envelope: &Envelope) -> Result<HeaderMap, BusError> {
    let Envelope {
        id,
        producer,
        event_type,
        agency,
        aggregate,
        seq,
        position,
        epoch,
        at,
        traceparent,
        body: _,
    } = envelope;
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(*at) * 1_000)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .ok_or_else(|| {
            BusError::Unfit(format!(
                "event {id}: {at} microseconds since 1970 is no time that can be sent"
            ))
        })?;
    let mut headers = HeaderMap::new();
    headers.insert("ce-specversion", "1.0");
    headers.insert(ID, encoded(id));
    headers.insert(SOURCE, format!("/vinhdanh/{}", encoded(producer)));
    headers.insert(TYPE, encoded(&format!("vinhdanh.{producer}.v1.{event_type}")));
    headers.insert(SUBJECT, encoded(aggregate));
    headers.insert(TIME, time);
    // Padded, for the sequence extension of CloudEvents is compared as text.
    headers.insert(SEQUENCE, format!("{seq:020}"));
    headers.insert(POSITION, position.to_string());
    headers.insert(EPOCH, encoded(epoch));
    headers.insert(AGENCY, encoded(agency));
    if !traceparent.is_empty() {
        headers.insert(TRACEPARENT, encoded(traceparent));
    }
    headers.insert("content-type", "application/protobuf");
    headers.insert(async_nats::header::NATS_MESSAGE_ID, encoded(&envelope.message_id()));
    Ok(headers)
}

/// The envelope that was sent with these headers.
pub fn decode(headers: Option<&HeaderMap>, body: Vec<u8>) -> Result<Envelope, Undecodable> {
    let raw = |name| {
        headers
            .and_then(|h| h.get(name))
            .map(async_nats::HeaderValue::as_str)
            .ok_or(Undecodable(name))
    };
    let text = |name| raw(name).and_then(|value| decoded(value).ok_or(Undecodable(name)));
    let source = text(SOURCE)?;
    let producer = source.strip_prefix("/vinhdanh/").ok_or(Undecodable(SOURCE))?;
    let event_type = text(TYPE)?;
    let event_type = event_type
        .strip_prefix(&format!("vinhdanh.{producer}.v1."))
        .ok_or(Undecodable(TYPE))?;
    let time = OffsetDateTime::parse(raw(TIME)?, &Rfc3339).map_err(|_| Undecodable(TIME))?;
    Ok(Envelope {
        id: text(ID)?,
        producer: producer.to_owned(),
        event_type: event_type.to_owned(),
        agency: text(AGENCY)?,
        aggregate: text(SUBJECT)?,
        seq: raw(SEQUENCE)?.parse().map_err(|_| Undecodable(SEQUENCE))?,
        position: raw(POSITION)?.parse().map_err(|_| Undecodable(POSITION))?,
        epoch: text(EPOCH).unwrap_or_default(),
        at: i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000)).map_err(|_| Undecodable(TIME))?,
        traceparent: text(TRACEPARENT).unwrap_or_default(),
        body,
    })
}

/// Space, quote, percent and whatever is not printable ASCII become `%XX` of their UTF-8 bytes.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if (0x21..=0x7e).contains(&byte) && byte != b'"' && byte != b'%' {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
    out
}

fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut out = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        out.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope() -> Envelope {
        Envelope {
            id: "0198-a".into(),
            producer: "intake".into(),
            event_type: "dossier.submitted".into(),
            agency: "ubnd-hue".into(),
            aggregate: "dossier/7".into(),
            seq: 3,
            position: 41,
            epoch: "6b1f".into(),
            at: 1_760_000_000_123_456,
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
            body: vec![0, 255],
        }
    }

    #[test]
    fn the_headers_are_those_of_cloudevents() {
        let headers = encode(&envelope()).unwrap();
        let get = |name: &str| headers.get(name).unwrap().as_str().to_owned();
        assert_eq!(get("ce-specversion"), "1.0");
        assert_eq!(get("ce-source"), "/vinhdanh/intake");
        assert_eq!(get("ce-type"), "vinhdanh.intake.v1.dossier.submitted");
        assert_eq!(get("ce-subject"), "dossier/7");
        assert_eq!(get("ce-time"), "2025-10-09T08:53:20.123456Z");
        assert_eq!(get("ce-sequence"), "00000000000000000003");
        assert_eq!(get("ce-position"), "41");
        assert_eq!(get("ce-agency"), "ubnd-hue");
        assert_eq!(get("content-type"), "application/protobuf");
        assert_eq!(get("ce-epoch"), "6b1f");
        assert_eq!(get("Nats-Msg-Id"), "6b1f.0198-a");
    }

    #[test]
    fn every_text_survives() {
        for text in ["", " ", "%", "%2", "a b", "Huế", "\r\nce-id: x", "\"", "100%25"] {
            assert_eq!(decoded(&encoded(text)).as_deref(), Some(text));
            let envelope = Envelope {
                id: text.into(),
                agency: text.into(),
                producer: text.into(),
                ..envelope()
            };
            let headers = encode(&envelope).unwrap();
            assert_eq!(decode(Some(&headers), vec![0, 255]), Ok(envelope));
        }
    }

    #[test]
    fn times_before_1970_survive() {
        let envelope = Envelope {
            at: -1,
            traceparent: String::new(),
            ..envelope()
        };
        assert_eq!(decode(Some(&encode(&envelope).unwrap()), vec![0, 255]), Ok(envelope));
    }

    #[test]
    fn a_time_without_a_four_digit_year_is_not_sent() {
        let error = encode(&Envelope {
            at: i64::MAX,
            ..envelope()
        })
        .unwrap_err();
        assert!(matches!(error, BusError::Unfit(_)), "{error}");
    }

    #[test]
    fn a_message_without_our_headers_is_undecodable() {
        assert_eq!(decode(None, Vec::new()), Err(Undecodable(SOURCE)));
        let mut headers = encode(&envelope()).unwrap();
        headers.insert(SEQUENCE, "three");
        assert_eq!(decode(Some(&headers), Vec::new()), Err(Undecodable(SEQUENCE)));
        headers.insert(TYPE, "vinhdanh.council.v1.voted");
        assert_eq!(decode(Some(&headers), Vec::new()), Err(Undecodable(TYPE)));
    }
}
