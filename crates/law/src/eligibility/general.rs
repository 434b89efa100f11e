//! What holds for every award: open proceedings, one award for one achievement, and what people must be told.

use crate::{
    Agencies, AwardKind, AwardRule, Basis, CandidateKind, Hold, LawError, Note, Problem, ProceedingKind, Strictness,
    Text,
    eligibility::{facts::Facts, found::Why, prepared::Asked, window::full_months},
};

/// The proceedings that are open on that day: the dossier waits for them.
pub(crate) fn holds(facts: &Facts<'_>) -> Vec<Hold> {
    let open = facts.dossier.record.proceedings.iter().filter(|proceeding| {
        proceeding.opened_on <= facts.day && proceeding.closed_on.is_none_or(|closed| facts.day < closed)
    });
    let mut holds: Vec<Hold> = open
        .map(|proceeding| {
            let (kind, vi, en) = match proceeding.kind {
                ProceedingKind::Discipline => ("discipline", "đang xem xét kỷ luật", "discipline is under review"),
                ProceedingKind::Investigation => ("investigation", "đang bị điều tra", "an investigation is open"),
                ProceedingKind::Inspection => ("inspection", "đang thanh tra, kiểm tra", "an inspection is open"),
                ProceedingKind::Complaint => (
                    "complaint",
                    "có khiếu nại, tố cáo đang được xác minh",
                    "a complaint is being verified",
                ),
                ProceedingKind::PressReport => (
                    "press-report",
                    "báo chí nêu, đang được xác minh",
                    "a press report is being verified",
                ),
            };
            let since = proceeding.opened_on;
            Hold {
                kind: kind.into(),
                opened_on: since,
                vi: format!("Tạm dừng: {vi} (từ {since}).").into(),
                en: format!("on hold: {en} (since {since})").into(),
            }
        })
        .collect();
    holds.sort_by(|a, b| (a.opened_on, &*a.kind).cmp(&(b.opened_on, &*b.kind)));
    holds
}

/// What refuses apart from the award's own criteria, and what only warns.
#[derive(Default)]
pub(crate) struct Blocks {
    pub refused: Vec<String>,
    pub warnings: Vec<Note>,
}

/// Rules over all awards that a dossier may break.
pub(crate) fn blocks(facts: &Facts<'_>, award: &AwardRule, asked: &Asked, agencies: &Agencies) -> Blocks {
    let mut blocks = Blocks::default();
    if let Some(ended) = &award.ended {
        blocks.refuse(
            "award-ended",
            format!("{} không còn được xét tặng ({}).", award.name_vi, ended.article),
            format!("{} is no longer given ({})", award.name_en, ended.article),
        );
    }
    if rewarded_already(facts, award, asked) {
        blocks.refuse(
            "one-form-one-achievement",
            "Thành tích này đã được khen thưởng; không tặng nhiều hình thức cho một thành tích.",
            "this achievement was rewarded before; one achievement receives one form",
        );
    }
    let collective = facts.dossier.candidate.kind == CandidateKind::Collective;
    let agency = &facts.dossier.candidate.agency;
    if collective && facts.set.no_award_to_dissolved && !agencies.exists_on(agency, facts.day) {
        blocks.refuse(
            "no-award-to-dissolved-agency",
            "Không khen thưởng cơ quan, đơn vị đã giải thể.",
            "an agency that is dissolved receives no award",
        );
    }
    if second_state_award(facts, award) {
        let vi = "Trong một năm đã có một hình thức khen thưởng cấp Nhà nước.";
        let en = "there is a state-level award in the same year already";
        match facts.set.one_state_award_a_year {
            Strictness::Block => blocks.refuse("one-state-award-a-year", vi, en),
            Strictness::Warn => blocks.warnings.push(Note::new(vi, en)),
            Strictness::None => {}
        }
    }
    blocks
}

impl Blocks {
    fn refuse(&mut self, rule: &str, vi: impl Into<Text>, en: impl Into<Text>) {
        self.refused.push(rule.to_owned());
        self.warnings.push(Note::new(vi, en));
    }
}

/// The same act, or the same yearly title for the same year.
fn rewarded_already(facts: &Facts<'_>, award: &AwardRule, asked: &Asked) -> bool {
    let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let act = facts
        .dossier
        .achievement
        .act
        .as_deref()
        .map(fold)
        .filter(|act| !act.is_empty());
    let mut standing = facts.held.iter().filter(|held| held.award.revoked_on.is_none());
    standing.any(|held| {
        let past = held.award;
        let held_act = || past.achievement.as_ref()?.act.as_deref().map(fold);
        let same_act = act.is_some() && held_act() == act;
        let same_title = award.is_title()
            && facts.dossier.award_year == Some(past.year)
            && facts.dossier.basis == past.basis
            && asked.named.is(&held.named);
        same_act || same_title
    })
}

/// State-level forms are orders, medals, state honours, prizes and the Prime Minister's certificate.
fn state_level(award: &AwardRule) -> bool {
    let kind = matches!(
        award.kind,
        AwardKind::Order | AwardKind::Medal | AwardKind::StateHonour | AwardKind::Prize
    );
    kind || award.code == "bang-khen-thu-tuong"
}

fn second_state_award(facts: &Facts<'_>, award: &AwardRule) -> bool {
    let excepted = |basis: Basis| matches!(basis, Basis::Extraordinary | Basis::Contribution | Basis::Seniority);
    let year = facts.dossier.letter.date.year();
    state_level(award)
        && !excepted(facts.dossier.basis)
        && facts.held.iter().any(|held| {
            // A thematic award is no basis for merit, but it is a form received.
            matches!(held.not_merit, None | Some(Why::Movement))
                && !excepted(held.award.basis)
                && held.award.date.is_some_and(|date| date.year() == year)
                && facts
                    .law
                    .award_meant(&held.award.award, &facts.set.id)
                    .is_some_and(state_level)
        })
}

/// What people must be told about the rules and the file.
pub(crate) fn warnings(facts: &Facts<'_>, award: &AwardRule, asked: &Asked, notes: &mut Vec<Note>) {
    let set = facts.set;
    if !set.note_vi.is_empty() {
        notes.push(Note::new(&set.note_vi, &set.note_en));
    }
    let left = (set.in_force_to - facts.day).whole_days();
    let warn = i64::from(facts.law.rule_sets_file().selection.warn_days_before_expiry);
    if (0..=warn).contains(&left) {
        let (id, end) = (&set.id, set.in_force_to);
        notes.push(Note::new(
            format!("Bộ quy định {id} hết hiệu lực ngày {end}."),
            format!("rule set {id} ends on {end}"),
        ));
    }
    if award.criteria.is_empty() {
        notes.push(Note::new(
            "Tiêu chuẩn của hình thức này chưa được đọc; cần người có thẩm quyền xem xét.",
            "the criteria of this award were not read; a person must judge",
        ));
    }
    if !award.authority_confirmed && award.kind != AwardKind::Local {
        notes.push(Note::new(
            "Thẩm quyền quyết định chưa được kiểm chứng.",
            "the deciding authority is not confirmed",
        ));
    }
    if facts.dossier.confidential {
        notes.push(Note::new(
            "Hồ sơ có nội dung bí mật nhà nước: không đưa nội dung lên hệ thống nối mạng.",
            "state secret: the content must not enter a networked installation",
        ));
    }
    let letter = facts.dossier.letter.date;
    let late = full_months(facts.dossier.achievement.to, letter) >= 6 && facts.dossier.achievement.to < letter;
    if set.discipline_resets && late && state_level(award) && facts.dossier.basis == Basis::Merit {
        notes.push(Note::new(
            "Thành tích tính đến quá 6 tháng trước ngày trình; Bộ Nội vụ có thể không tiếp nhận (152/2025/NĐ-CP Đ33 k9).",
            "the achievements end more than 6 months before the letter; it may not be received (152/2025/NĐ-CP Đ33 k9)",
        ));
    }
    notes.extend(asked.pending.iter().cloned());
}

/// Why there is no route, as a problem of the file.
pub(crate) fn problem_of(error: &LawError) -> Problem {
    let en = error.to_string();
    match error {
        LawError::NoRuleSet(day) => Problem::new(
            "letter.date",
            "NO_RULE_SET",
            format!("không có bộ quy định nào có hiệu lực ngày {day}"),
            en,
        ),
        LawError::UnknownAward(award) => {
            Problem::new("award", "UNKNOWN_AWARD", format!("không có mã khen thưởng {award}"), en)
        }
        LawError::UnknownAgency(agency) => Problem::new(
            "candidate.agency",
            "UNKNOWN_AGENCY",
            format!("không có cơ quan {agency}"),
            en,
        ),
        LawError::AgencyGone { agency, on } => Problem::new(
            "candidate.agency",
            "AGENCY_GONE",
            format!("cơ quan {agency} không tồn tại ngày {on} và không có cơ quan kế thừa"),
            en,
        ),
        LawError::NoAuthority { award, agency } => Problem::new(
            "candidate.agency",
            "NO_AUTHORITY",
            format!("không có cấp trên nào của {agency} có thẩm quyền quyết định {award}"),
            en,
        ),
        LawError::NotOpen { rule_set, by_dates } => Problem::new(
            "rule_set",
            "RULE_SET_NOT_OPEN",
            format!("bộ quy định {rule_set} không được chọn thay cho {by_dates}"),
            en,
        ),
        LawError::Data { .. } | LawError::UnknownRuleSet(_) | LawError::NoCalendarData(_) => {
            Problem::new("$", "LAW_DATA", en.clone(), en)
        }
    }
}
