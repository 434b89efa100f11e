//! What people read while the demo runs, and what programs read instead.

use law::Agencies;
use proto::council::v1::Review;
use serde_json::{Value, json};
use time::Date;

use super::{check::Checked, samples::Sample, subscribers::Arrived, summary::Summary};
use crate::{
    drive::{Act, Reply},
    output::say,
    rehearse::scenario::Actor,
    words::spoken,
};

/// Tells how the demo goes.
pub struct Story {
    json: bool,
    agencies: Agencies,
    /// Where the newest thing happened: level and agency.
    place: (String, String),
    /// Notifications that the demo's subscribers had when it last said so.
    notified: Arrived,
}

/// One thing that happened.
pub struct Told {
    day: Date,
    sample: &'static str,
    level: String,
    agency: String,
    vi: String,
    en: String,
    data: Value,
}

impl Told {
    /// An act and what came of it.
    pub fn act(day: Date, sample: &Sample, level: &str, actor: &Actor, act: &Act, reply: &Reply) -> Self {
        let (vi, en) = words(act, reply);
        let data = match act {
            Act::Submit { letter } | Act::Sign { letter } => json!({"letter": letter}),
            Act::Award { number } => json!({"decision": number, "bonus_vnd": bonus(reply)}),
            _ => json!({}),
        };
        let (level, agency) = (level.to_owned(), actor.agency.clone());
        Self {
            day,
            sample: sample.name,
            level,
            agency,
            vi,
            en,
            data,
        }
    }

    /// A council's vote.
    pub fn vote(day: Date, sample: &Sample, level: &str, secretary: &Actor, seats: u32, review: &Review) -> Self {
        let Review {
            yes,
            no,
            blank,
            base,
            passed,
            ..
        } = *review;
        let (vi, en) = if passed {
            ("đạt", "passed")
        } else {
            ("KHÔNG ĐẠT", "FAILED")
        };
        let article = if review.article.is_empty() {
            String::new()
        } else {
            format!(", {}", review.article)
        };
        let vi = format!("Hội đồng {seats} người: {yes} tán thành, {no} không, {blank} trắng / {base}{article}: {vi}");
        let data = json!({"yes": yes, "no": no, "blank": blank, "base": base, "passed": passed});
        let (level, agency) = (level.to_owned(), secretary.agency.clone());
        Self {
            day,
            sample: sample.name,
            level,
            agency,
            vi,
            en: format!("council {yes}/{base}, {en}"),
            data,
        }
    }
}

fn words(act: &Act, reply: &Reply) -> (String, String) {
    let plain = |vi: &str, en: &str| (vi.to_owned(), en.to_owned());
    match act {
        Act::Create { .. } => plain("soạn hồ sơ", "drafted"),
        Act::Submit { letter } => (format!("trình, tờ trình {letter}"), "submitted".to_owned()),
        Act::Supplement { documents } => (format!("bổ sung {}", documents.join(", ")), "supplemented".to_owned()),
        Act::Receive => plain("tiếp nhận, tính thời hạn", "received"),
        Act::Return { reason } => (format!("trả lại để bổ sung. {reason}"), "returned".to_owned()),
        Act::Appraise { meets: true } => plain("thẩm định: đủ điều kiện", "appraised: meets"),
        Act::Appraise { meets: false } => plain("thẩm định: không đủ điều kiện", "appraised: does not meet"),
        Act::Publish { days } => (
            format!("công khai {days} ngày làm việc"),
            format!("published for {days} working days"),
        ),
        Act::Sign { letter } => (
            format!("ký tờ trình {letter}, trình cấp trên"),
            "signed and forwarded".to_owned(),
        ),
        Act::Award { number } => {
            let bonus = match bonus(reply) {
                0 => String::new(),
                bonus => format!(", tiền thưởng {} đồng", grouped(bonus)),
            };
            (format!("QUYẾT ĐỊNH {number}{bonus}"), "awarded".to_owned())
        }
        Act::Refuse { reason } => (format!("KHÔNG KHEN THƯỞNG. {reason}"), "refused".to_owned()),
        Act::Suspend { because } => (format!("TẠM DỪNG. {because}"), "on hold".to_owned()),
        Act::Convene { .. } | Act::Attend { .. } | Act::Ballot(_) | Act::Close | Act::Minute => {
            plain("Hội đồng họp", "council")
        }
    }
}

fn bonus(reply: &Reply) -> i64 {
    match reply {
        Reply::Course(course) => course.bonus_vnd,
        _ => 0,
    }
}

/// 10530000 as 10.530.000.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

impl Story {
    /// A story for people, or for programs.
    pub fn new(json: bool) -> Self {
        Self {
            json,
            agencies: Agencies::embedded(),
            place: <_>::default(),
            notified: Arrived::default(),
        }
    }

    /// Before the first sample.
    pub fn begin(&self, samples: usize, place: &str) {
        if !self.json {
            say(&format!(
                "▶ Trình diễn: {samples} hồ sơ, từ đơn vị đến cấp quyết định · demo: {samples} dossiers\n  {place}"
            ));
        }
    }

    /// A sample is taken up: what its check says.
    pub fn sample(&mut self, day: Date, of: usize, sample: &Sample, checked: &Checked) {
        if self.json {
            say(&json!({"dossier": sample.name, "day": day.to_string(), "check": checked.json()}).to_string());
            return;
        }
        self.place = <_>::default();
        let who = self.name(&sample.proposer);
        say(&format!(
            "\n{}/{of}  {}  ·  {}, {who}",
            sample.number,
            checked.award(),
            checked.candidate()
        ));
        say(&format!("       {day}  kiểm tra / check: {}", checked.text()));
    }

    fn name(&self, agency: &str) -> String {
        self.agencies
            .get(agency)
            .map_or_else(|| agency.to_owned(), |agency| agency.name.clone())
    }

    /// Something happened.
    pub fn told(&mut self, told: Told) {
        let Told {
            day,
            sample,
            level,
            agency,
            vi,
            en,
            data,
        } = told;
        if self.json {
            let day = day.to_string();
            let line = json!({"dossier": sample, "day": day, "level": level, "agency": agency, "vi": vi, "en": en, "data": data});
            say(&line.to_string());
            return;
        }
        let place = (level, agency);
        if place != self.place {
            let (level, agency) = &place;
            let level = if level.is_empty() {
                String::new()
            } else {
                format!("{} · ", spoken("level", level))
            };
            say(&format!("     ▸ {level}{}", self.name(agency)));
            self.place = place;
        }
        say(&format!("       {day}  {vi} / {en}"));
    }

    /// A sample's way is over.
    pub fn ended(&mut self, sample: &Sample, status: &str, problem: Option<&str>, notified: Arrived) {
        let webhook = notified.webhook - self.notified.webhook;
        let stream = notified.stream - self.notified.stream;
        self.notified = notified;
        if self.json {
            let news = json!({"webhook": webhook, "stream": stream});
            let line = json!({"dossier": sample.name, "status": status, "as_expected": problem.is_none(), "problem": problem, "notified": news});
            say(&line.to_string());
            return;
        }
        let mark = if problem.is_none() { "✓" } else { "✗" };
        let status = spoken("status", status);
        say(&format!(
            "   {mark} {status} · thông báo đến nơi / notified: {stream} (stream), {webhook} (webhook)"
        ));
        if let Some(problem) = problem {
            say(&format!("     {problem}"));
        }
    }

    /// After the last sample.
    pub fn end(&self, summary: &Summary) {
        if self.json {
            say(&json!({"summary": summary.json()}).to_string());
        } else {
            say(&summary.text());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_grouped_by_thousands() {
        assert_eq!(grouped(10_530_000), "10.530.000");
        assert_eq!(grouped(710), "710");
        assert_eq!(grouped(0), "0");
    }
}
