//! What people read while a scenario is played, and what programs read instead.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    expect::{DossierExpect, Expect, Mismatch},
    player::Verdict,
    scenario::{Scenario, Step},
    span::clock,
    values::{Agreement, Channel, Disturbance, Ids, Opinion, Outcome},
    verbs::{Verb, Vote},
};
use crate::client::Failure;

/// Tells how scenarios go, on standard output.
#[derive(Clone, Copy)]
pub struct Story {
    /// One JSON object a step and one at the end, instead of text.
    pub json: bool,
}

/// How a whole scenario went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Steps of the file.
    pub steps: usize,
    /// Those that went as written.
    pub as_written: usize,
}

impl Summary {
    /// Whether all went as written.
    pub fn all_as_written(self) -> bool {
        self.steps == self.as_written
    }
}

fn tell(text: &str) {
    println!("{text}");
}

impl Story {
    /// Before the first step.
    pub fn begin(self, scenario: &Scenario) {
        if !self.json {
            tell(&format!(
                "▶ {}\n  {} · {}",
                scenario.title,
                scenario.file.display(),
                clock(scenario.clock)
            ));
        }
    }

    /// After a step.
    pub fn step(self, scenario: &Scenario, number: usize, step: &Step, verdict: &Verdict) {
        if self.json {
            tell(&step_json(scenario, number, step, verdict).to_string());
        } else {
            tell(&step_text(number, step, verdict));
        }
    }

    /// What kept a scenario from being played to its end, beside its steps.
    pub fn broken(self, scenario: &Scenario, error: &anyhow::Error) {
        if self.json {
            tell(&json!({"file": scenario.file, "error": format!("{error:#}")}).to_string());
        } else {
            tell(&format!("✗ không diễn tập được / could not be played: {error:#}"));
        }
    }

    /// After the last step that was played.
    pub fn end(self, scenario: &Scenario, summary: Summary) {
        let Summary { steps, as_written } = summary;
        if self.json {
            let summary = json!({
                "summary": true, "file": scenario.file, "title": scenario.title, "steps": steps,
                "as_written": as_written, "ok": summary.all_as_written(),
            });
            tell(&summary.to_string());
        } else if summary.all_as_written() {
            tell(&format!(
                "✓ cả {steps} bước đúng như kịch bản / all {steps} steps went as written\n"
            ));
        } else {
            tell(&format!(
                "✗ dừng sau {as_written} trên {steps} bước / stopped after {as_written} of {steps} steps\n"
            ));
        }
    }
}

fn step_text(number: usize, step: &Step, verdict: &Verdict) -> String {
    let mark = if matches!(verdict, Verdict::Not(_)) {
        '✗'
    } else {
        '✓'
    };
    let mut text = format!("{mark} {number}. {}", describe(&step.verb));
    if let Verdict::RefusedAsWritten(failure) = verdict {
        let word = if failure.reason.is_empty() {
            failure.code
        } else {
            &failure.reason
        };
        let _ = write!(text, " — bị từ chối như kịch bản: {word}");
    }
    if let Some(actor) = &step.actor {
        let _ = write!(text, " — {actor}");
    }
    if let Verdict::RefusedAsWritten(Failure { vi, .. }) = verdict
        && !vi.is_empty()
    {
        let _ = write!(text, "\n     {vi}");
    }
    if let Some(note) = &step.note {
        let _ = write!(text, "\n     ghi chú: {note}");
    }
    if let Verdict::Not(mismatches) = verdict {
        for Mismatch { what, expected, came } in mismatches {
            let came = came.replace('\n', "\n       ");
            let _ = write!(
                text,
                "\n     {what}: chờ / expected {expected}\n     {what}: đến / came {came}"
            );
        }
    }
    text
}

fn step_json(scenario: &Scenario, number: usize, step: &Step, verdict: &Verdict) -> Value {
    let mut object = json!({
        "file": scenario.file, "step": number, "verb": step.verb.word(), "text": describe(&step.verb),
        "ok": !matches!(verdict, Verdict::Not(_)),
    });
    if let Some(actor) = &step.actor {
        object["as"] = json!(actor.to_string());
    }
    if let Some(note) = &step.note {
        object["note"] = json!(note);
    }
    match verdict {
        Verdict::AsWritten => {}
        Verdict::RefusedAsWritten(failure) => {
            object["refused"] = json!({"code": failure.code, "reason": failure.reason});
        }
        Verdict::Not(mismatches) => object["mismatches"] = json!(mismatches),
    }
    object
}

/// What a step does, in Vietnamese, the verb of the file behind it.
pub fn describe(verb: &Verb) -> String {
    let text = match verb {
        Verb::Submit(act) => {
            let ids: Vec<&str> = act.items().iter().map(|item| item.id.as_str()).collect();
            let letter = act
                .letter
                .as_ref()
                .map(|letter| format!(", tờ trình {letter}"))
                .unwrap_or_default();
            format!("trình hồ sơ {}{letter}", ids.join(", "))
        }
        Verb::Receive(act) => format!("tiếp nhận {}", list(&act.dossiers)),
        Verb::Return(act) if !act.to.is_empty() => {
            format!("trả lại {} cho cấp {}: {}", list(&act.dossiers), act.to, act.reason)
        }
        Verb::Return(act) => format!("trả lại {} để bổ sung: {}", list(&act.dossiers), act.reason),
        Verb::Supplement(act) => format!("bổ sung hồ sơ {}: {}", act.dossier, list(&act.documents)),
        Verb::Appraise(act) => {
            let opinion = match act.opinion {
                Opinion::Meets => "đủ điều kiện",
                Opinion::DoesNotMeet => "không đủ điều kiện",
            };
            format!("thẩm định {}: {opinion}", list(&act.dossiers))
        }
        Verb::Consult(act) => format!("lấy ý kiến {} về {}", act.agency.0.join(", "), list(&act.dossiers)),
        Verb::Reply(act) => {
            let opinion = match act.opinion {
                Agreement::Agree => "đồng ý",
                Agreement::Disagree => "không đồng ý",
            };
            format!("trả lời hiệp y về {}: {opinion}", list(&act.dossiers))
        }
        Verb::Correct(act) => format!("đính chính {}, số {}: {}", list(&act.dossiers), act.number, act.ground),
        Verb::Revoke(act) => format!(
            "hủy bỏ quyết định {}, số {}: {}",
            list(&act.dossiers),
            act.number,
            act.ground
        ),
        Verb::Restore(act) => format!("khôi phục {}, số {}: {}", list(&act.dossiers), act.number, act.ground),
        Verb::Reissue(act) => format!("cấp lại {}, số {}: {}", list(&act.dossiers), act.number, act.ground),
        Verb::Publish(act) => format!("công khai {} trong {} ngày làm việc", list(&act.dossiers), act.days),
        Verb::Comment(act) => {
            let signed = if act.signed { "có ký tên" } else { "không ký tên" };
            format!("góp ý {signed} về {}: {}", act.dossier, act.text)
        }
        Verb::Convene(act) => {
            let who = act.members.as_ref().map_or_else(
                || "Hội đồng đã thành lập".to_owned(),
                |members| format!("{} ủy viên", members.names().len()),
            );
            let (session, council) = (&act.session, &act.council);
            format!(
                "triệu tập phiên họp {session} của {council}, {who}, xét {}",
                list(&act.agenda)
            )
        }
        Verb::Constitute(act) => format!("thành lập Hội đồng của {} {}", act.council, act.document),
        Verb::Add(act) => format!("bổ sung {} vào phiên họp {}", list(&act.agenda), act.session),
        Verb::Invite(act) => format!("mời họp phiên {}: {} {}", act.session, act.meets, act.place),
        Verb::Adjourn(act) => format!("tạm ngừng phiên họp {}, họp tiếp: {}", act.session, act.until),
        Verb::Cancel(act) => format!("hủy phiên họp {}: {}", act.session, act.reason),
        Verb::Declare(act) => format!(
            "tự khai xung đột lợi ích về {} tại phiên họp {}",
            act.dossier, act.session
        ),
        Verb::SignMinutes(act) => format!("chủ trì ký biên bản phiên họp {}", act.session),
        Verb::Attend(act) => {
            let (present, writing) = (act.present.len(), act.writing.len());
            format!(
                "điểm danh phiên họp {}: {present} có mặt, {writing} gửi ý kiến bằng văn bản",
                act.session
            )
        }
        Verb::Recuse(act) => format!(
            "{} không bỏ phiếu về {} tại phiên họp {}",
            act.member, act.dossier, act.session
        ),
        Verb::Vote(act) => describe_vote(act),
        Verb::Close(act) => format!("kiểm phiếu, kết thúc phiên họp {}", act.session),
        Verb::Minute(act) => format!("ký biên bản phiên họp {}", act.session),
        Verb::Sign(act) => format!("ký tờ trình {}: {}", act.letter, list(&act.dossiers)),
        Verb::Decide(act) => match act.outcome {
            Outcome::Award => format!("quyết định khen thưởng {}, số {}", list(&act.dossiers), act.number),
            Outcome::Refuse => format!("quyết định không khen thưởng {}: {}", list(&act.dossiers), act.reason),
        },
        Verb::Present(act) => format!("trao tặng {} tại {}", list(&act.dossiers), act.occasion),
        Verb::Lower(act) => format!("đề nghị mức thấp hơn cho {}: {}", list(&act.dossiers), act.award),
        Verb::Died(act) => format!("ứng viên của {} đã mất {}: {}", list(&act.dossiers), act.on, act.source),
        Verb::Moved(act) => format!("ứng viên của {} chuyển đến {}", list(&act.dossiers), act.to),
        Verb::Bulk(act) => format!("việc hàng loạt {}: {}", act.job, act.act.0.word()),
        Verb::Record(act) => format!("ghi sổ {} của {}, số {}", act.award, act.holder, act.number),
        Verb::AmendRecord(act) => format!("{} mục {} trong sổ, số {}", act.kind, act.id, act.number),
        Verb::Suspend(act) => format!("tạm dừng {}: {}", list(&act.dossiers), act.because),
        Verb::Resume(act) => format!("tiếp tục {}", list(&act.dossiers)),
        Verb::Withdraw(act) => format!("rút hồ sơ {}", list(&act.dossiers)),
        Verb::Delegate(act) => format!("ủy quyền cho {}: {}", act.to, list(&act.acts)),
        Verb::Assign(act) => format!("phân công {} cho {}", list(&act.dossiers), act.to),
        Verb::Recall(act) => format!("thu hồi hồ sơ {}", list(&act.dossiers)),
        Verb::Subscribe(act) => {
            let channel = match act.channel {
                Channel::Stream => "luồng",
                Channel::Webhook => "webhook",
                Channel::Email => "thư điện tử",
            };
            format!("đăng ký nhận tin {} qua {channel}", act.id)
        }
        Verb::Receiver(act) => format!("bên nhận {} sẽ trả lời {} lần theo kịch bản", act.id, act.answers.len()),
        Verb::Advance(when) => format!("đồng hồ đi tới: {when}"),
        Verb::Restart(services) => format!("tắt đột ngột và khởi động lại {}", services.0.join(", ")),
        Verb::Bus(Disturbance::Lose) => "bus quên tất cả".to_owned(),
        Verb::Bus(Disturbance::Down) => "bus ngừng hoạt động".to_owned(),
        Verb::Bus(Disturbance::Up) => "bus hoạt động trở lại".to_owned(),
        Verb::Check(check) => format!("kiểm tra điều kiện của {}", check.0),
        Verb::Expect(expect) => describe_expect(expect),
    };
    format!("{text} ({})", verb.word())
}

fn list(ids: &Ids) -> String {
    ids.0.join(", ")
}

fn describe_vote(vote: &Vote) -> String {
    let Vote {
        session,
        dossier,
        yes,
        no,
        blank,
    } = vote;
    let (yes, no, blank) = (yes.len(), no.len(), blank.len());
    format!("bỏ phiếu về {dossier} tại phiên họp {session}: {yes} đồng ý, {no} không đồng ý, {blank} phiếu trắng")
}

fn describe_expect(expect: &Expect) -> String {
    match expect {
        Expect::Dossier(dossier) => format!("đối chiếu {}: {}", dossier.dossier, keys(dossier).join(", ")),
        Expect::Bulk(bulk) => format!("đối chiếu việc hàng loạt {}", bulk.job),
        Expect::Register(register) => format!("tra cứu sổ khen thưởng: {} {}", register.decision, register.person),
        Expect::Session(session) => format!("đối chiếu phiên họp {}", session.name),
        Expect::Task(task) => format!("{} hồ sơ chờ {}", task.count, task.whose),
        Expect::Delivery(delivery) => format!("đối chiếu tin đã gửi cho {}", delivery.subscription),
        Expect::Check(_) => "đối chiếu kết quả kiểm tra điều kiện".to_owned(),
        Expect::Audit => "chuỗi lịch sử của mọi dịch vụ còn nguyên vẹn".to_owned(),
        Expect::Replay => "phát lại mọi lịch sử cho cùng kết quả".to_owned(),
    }
}

fn keys(dossier: &DossierExpect) -> Vec<String> {
    let texts = [
        ("status", &dossier.status),
        ("award", &dossier.award),
        ("level", &dossier.level),
        ("agency", &dossier.agency),
        ("step", &dossier.step),
        ("deadline", &dossier.deadline),
        ("waiting_on", &dossier.waiting_on),
        ("rule_set", &dossier.judged.rule_set),
        ("verdict", &dossier.judged.verdict),
        ("decision", &dossier.decision),
    ];
    let mut keys: Vec<String> = texts
        .iter()
        .filter_map(|(key, text)| text.as_ref().map(|text| format!("{key} {text}")))
        .collect();
    if !dossier.judged.unmet.is_empty() {
        keys.push(format!("unmet {}", dossier.judged.unmet.join(" ")));
    }
    keys.extend(dossier.bonus_vnd.map(|vnd| format!("bonus_vnd {vnd}")));
    keys.extend(dossier.history.map(|steps| format!("history {steps}")));
    if let Some(vote) = &dossier.vote {
        let count = |count: Option<u32>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
        let passed = match vote.passed {
            Some(true) => ", passed",
            Some(false) => ", not passed",
            None => "",
        };
        let (yes, no, blank) = (count(vote.yes), count(vote.no), count(vote.blank));
        keys.push(format!("vote {yes}/{no}/{blank} of {}{passed}", count(vote.base)));
    }
    keys
}
