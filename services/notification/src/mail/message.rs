//! What we write: as thin as a webhook's body, in words. Ids and codes only; who may know more reads it with their own
//! rights.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime},
};

use lettre::{
    Address, Message,
    message::{
        Mailbox, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use machine::Timestamp;
use time::{OffsetDateTime, UtcOffset, macros::format_description};

use super::words;
use crate::machine::delivery::{Delivery, Notice};

/// Viet Nam has had one offset and no summer time since 1975.
const VIET_NAM: UtcOffset = match UtcOffset::from_hms(7, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// The message as it goes over the wire; else why it cannot be written.
pub(super) fn write(from: &Address, to: &Address, delivery: &Delivery) -> Result<Vec<u8>, &'static str> {
    let notice = &delivery.notice;
    let (vi, en) = words::of(&notice.fact);
    let message = Message::builder()
        .from(Mailbox::new(Some("vinhdanh".to_owned()), from.clone()))
        .to(Mailbox::new(None, to.clone()))
        .subject(format!("{vi} / {en}"))
        // By the delivery's own time, so that every attempt says the same.
        .date(instant(delivery.made))
        .message_id(Some(message_id(from, delivery)))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Vinhdanh-Fact", &notice.fact))
        .raw_header(header("X-Vinhdanh-Delivery", &delivery.id))
        .raw_header(header("X-Vinhdanh-Subscription", &delivery.subscription))
        .singlepart(
            SinglePart::builder()
                .header(ContentType::TEXT_PLAIN)
                .body(body(delivery, vi, en)),
        );
    Ok(message.map_err(|_| "the message cannot be written")?.formatted())
}

/// Constant over attempts: a receiver that knows it drops the repeat.
pub(super) fn message_id(from: &Address, delivery: &Delivery) -> String {
    format!("<{}@{}>", clean(&delivery.id), from.domain())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), clean(value))
}

/// Ids and codes are our own; should another sign stray into one, it shall be no line of its own.
fn clean(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_ascii_graphic() { letter } else { '_' })
        .collect()
}

fn instant(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.0).unwrap_or(0))
}

fn local(at: Timestamp) -> String {
    let format = format_description!("[hour]:[minute]:[second] [day]/[month]/[year]");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000)
        .ok()
        .and_then(|instant| instant.to_offset(VIET_NAM).format(format).ok())
        .unwrap_or_default()
}

fn body(delivery: &Delivery, vi: &str, en: &str) -> String {
    let Notice {
        fact,
        dossier,
        award,
        agency,
        level,
        step,
        at,
    } = &delivery.notice;
    let at = local(*at);
    let (dossier, subscription) = (clean(dossier), clean(&delivery.subscription));
    let rows = [
        ("Hồ sơ / dossier", dossier.clone()),
        ("Sự việc / fact", clean(fact)),
        ("Khen thưởng / award", clean(award)),
        ("Cơ quan / agency", clean(agency)),
        ("Cấp / level", clean(level)),
        ("Bước / step", clean(step)),
        ("Lúc / at", format!("{at} (giờ Việt Nam, UTC+7)")),
    ];
    let mut facts = String::new();
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a text cannot fail.
        let _ = writeln!(facts, "  {name}: {value}");
    }
    format!(
        "{vi}.\n\
         {en}.\n\
         \n\
         {facts}\
         \n\
         Xem hồ sơ theo quyền của mình: vinhdanh dossier show {dossier}\n\
         Thôi nhận tin: vinhdanh subscription delete {subscription}\n\
         Thư tự động, xin không trả lời. Nếu đến hai lần với cùng Message-ID thì vẫn là một tin.\n\
         \n\
         See the dossier, with your own rights: vinhdanh dossier show {dossier}\n\
         To end these messages: vinhdanh subscription delete {subscription}\n\
         Sent by a program; please do not reply. Twice with one Message-ID is still one message.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        crate::mail::address::parse(text).expect("an address")
    }

    fn awarded() -> Delivery {
        Delivery {
            id: "3f2c8d5e-0f2b-4c1d-9a57-2b6f0c9d1e11.00112233445566778899aabbccddeeff".to_owned(),
            subscription: "3f2c8d5e-0f2b-4c1d-9a57-2b6f0c9d1e11".to_owned(),
            notice: Notice {
                fact: "dossier.awarded".to_owned(),
                dossier: "d-1".to_owned(),
                award: "huan-chuong-lao-dong-3".to_owned(),
                agency: "chu-tich-nuoc".to_owned(),
                level: "state".to_owned(),
                step: "issued".to_owned(),
                at: Timestamp(1_614_265_330_500_000),
            },
            made: Timestamp(1_614_265_331_000_000),
            ..Delivery::default()
        }
    }

    fn written(delivery: &Delivery) -> String {
        let message = write(
            &address("vinhdanh@example.vn"),
            &address("van-phong@example.org"),
            delivery,
        );
        String::from_utf8(message.expect("a message")).expect("ASCII")
    }

    #[test]
    fn the_message_is_as_reviewed() {
        insta::assert_snapshot!("message", written(&awarded()).replace("\r\n", "\n"));
        let delivery = awarded();
        let (vi, en) = words::of(&delivery.notice.fact);
        insta::assert_snapshot!("body", body(&delivery, vi, en));
    }

    #[test]
    fn it_is_the_same_for_every_attempt_and_goes_over_any_wire() {
        let again = Delivery {
            attempts: 7,
            last_result: "SMTP 451 at DATA".to_owned(),
            ..awarded()
        };
        let message = written(&awarded());
        assert_eq!(message, written(&again));
        assert!(message.is_ascii() && message.lines().all(|line| line.len() <= 998));
        assert!(message.split('\n').rev().skip(1).all(|line| line.ends_with('\r')));
    }

    #[test]
    fn no_value_can_begin_a_header_of_its_own() {
        let mut delivery = awarded();
        delivery.id.push_str("\r\nBcc: thief@example.com");
        delivery.notice.fact.push_str("\r\n\r\nBcc: thief@example.com");
        delivery.notice.dossier = "d\r\n.\r\nMAIL FROM:<thief@example.com>".to_owned();
        let message = written(&delivery);
        assert!(
            message
                .lines()
                .all(|line| !line.starts_with("Bcc:") && !line.starts_with("MAIL") && line != "."),
            "{message}"
        );
    }
}
