//! The words of the data as people say them, where the data is one of a few known things.

use crate::{AwardKind, CandidateKind, DayUnit, Decider, Key, Level, LimitStep, Recipient, Strictness};

/// Vietnamese, English.
pub(super) type Pair = (&'static str, &'static str);

pub(super) const KINDS: [AwardKind; 8] = [
    AwardKind::EmulationTitle,
    AwardKind::Order,
    AwardKind::Medal,
    AwardKind::StateHonour,
    AwardKind::Prize,
    AwardKind::Memorial,
    AwardKind::Commendation,
    AwardKind::Local,
];

pub(super) const fn kind(kind: AwardKind) -> Pair {
    match kind {
        AwardKind::EmulationTitle => ("Danh hiệu thi đua", "Emulation titles"),
        AwardKind::Order => ("Huân chương", "Orders"),
        AwardKind::Medal => ("Huy chương", "Medals"),
        AwardKind::StateHonour => ("Danh hiệu vinh dự nhà nước", "State honours"),
        AwardKind::Prize => ("Giải thưởng", "Prizes"),
        AwardKind::Memorial => ("Kỷ niệm chương, huy hiệu", "Commemorative medals and badges"),
        AwardKind::Commendation => ("Bằng khen, giấy khen", "Certificates of commendation"),
        AwardKind::Local => ("Khen thưởng của một cơ quan", "Awards of one agency"),
    }
}

pub(super) const fn decider(decider: Decider) -> Pair {
    match decider {
        Decider::President => ("Chủ tịch nước", "President"),
        Decider::PrimeMinister => ("Thủ tướng Chính phủ", "Prime Minister"),
        Decider::Government => ("Chính phủ", "Government"),
        Decider::MinistryOrProvince => (
            "Bộ trưởng, Thủ trưởng ban, ngành; Chủ tịch UBND cấp tỉnh",
            "Minister or head of sector; chair of the province",
        ),
        Decider::District => ("Chủ tịch UBND cấp huyện", "Chair of the district"),
        Decider::Commune => ("Chủ tịch UBND cấp xã", "Chair of the commune"),
        Decider::Unit => (
            "Thủ trưởng cơ quan, đơn vị",
            "Head of the body where the candidate works",
        ),
        Decider::LegalUnit => (
            "Thủ trưởng cơ quan, đơn vị có tư cách pháp nhân",
            "Head of the body with legal personality",
        ),
        Decider::Corps => (
            "Tư lệnh quân khu và tương đương; Giám đốc đại học quốc gia",
            "Commander of the military region or equal; director of the national university",
        ),
        Decider::Named => ("Cơ quan có tên trong mã", "The agency that the code names"),
    }
}

/// The highest level that a dossier climbs to.
pub(super) const fn top(decider: Decider) -> Level {
    match decider {
        Decider::President | Decider::PrimeMinister | Decider::Government => Level::State,
        Decider::MinistryOrProvince | Decider::Named => Level::MinistryOrProvince,
        Decider::District | Decider::LegalUnit => Level::District,
        Decider::Commune | Decider::Unit => Level::Unit,
        Decider::Corps => Level::Department,
    }
}

pub(super) const fn recipient(recipient: Recipient) -> Pair {
    match recipient {
        Recipient::Individual => ("cá nhân", "persons"),
        Recipient::Collective => ("tập thể", "collectives"),
        Recipient::Household => ("hộ gia đình", "households"),
        Recipient::Both => ("cá nhân, tập thể", "persons and collectives"),
    }
}

pub(super) const fn candidate(kind: CandidateKind) -> Pair {
    match kind {
        CandidateKind::Individual => ("cá nhân", "person"),
        CandidateKind::Collective => ("tập thể", "collective"),
        CandidateKind::Household => ("hộ gia đình", "household"),
    }
}

pub(super) const fn level(level: Level) -> Pair {
    let en = match level {
        Level::Unit => "unit",
        Level::Department => "department",
        Level::District => "district",
        Level::MinistryOrProvince => "ministry or province",
        Level::State => "state",
    };
    (level.name_vi(), en)
}

pub(super) const STEPS: [LimitStep; 11] = [
    LimitStep::Appraisal,
    LimitStep::AfterConsultation,
    LimitStep::Consultation,
    LimitStep::Publication,
    LimitStep::Supplement,
    LimitStep::Return,
    LimitStep::Notice,
    LimitStep::HandOver,
    LimitStep::AnnulmentRequest,
    LimitStep::Annulment,
    LimitStep::HandBack,
];

pub(super) const fn step(step: LimitStep) -> Pair {
    match step {
        LimitStep::Appraisal => (
            "thẩm định, từ khi nhận đủ hồ sơ đến khi trình hoặc quyết định",
            "appraisal, from the complete dossier to the submission or decision",
        ),
        LimitStep::AfterConsultation => (
            "trình, sau khi đủ ý kiến hiệp y",
            "submission, once all opinions asked have come",
        ),
        LimitStep::Consultation => ("trả lời hiệp y", "reply of an agency that is asked for its opinion"),
        LimitStep::Publication => ("công khai, lấy ý kiến", "publication for comment"),
        LimitStep::Supplement => ("yêu cầu bổ sung hồ sơ", "asking the sender to complete the dossier"),
        LimitStep::Return => (
            "trả lại hồ sơ không đủ điều kiện",
            "giving back a dossier that does not qualify",
        ),
        LimitStep::Notice => ("thông báo kết quả", "notice of the result"),
        LimitStep::HandOver => ("trao hiện vật khen thưởng", "handing over the objects of the award"),
        LimitStep::AnnulmentRequest => ("đề nghị hủy bỏ quyết định", "asking for an annulment"),
        LimitStep::Annulment => (
            "quyết định hoặc trình việc hủy bỏ",
            "deciding or submitting an annulment",
        ),
        LimitStep::HandBack => (
            "nộp lại hiện vật và tiền thưởng sau khi hủy bỏ",
            "giving back objects and money after an annulment",
        ),
    }
}

pub(super) const fn unit(unit: DayUnit) -> Pair {
    match unit {
        DayUnit::Working => ("ngày làm việc", "working days"),
        DayUnit::Calendar => ("ngày", "days"),
    }
}

pub(super) const fn key(key: Key) -> Pair {
    match key {
        Key::Letter => ("ngày của tờ trình", "the date of the letter"),
        Key::Received => (
            "ngày cơ quan thẩm định nhận đủ hồ sơ; nếu chưa nhận thì ngày của tờ trình",
            "the day on which the appraising authority received the complete dossier; the letter's date if it has not",
        ),
    }
}

pub(super) const fn strictness(how: Strictness) -> Pair {
    match how {
        Strictness::Block => ("không xét", "refused"),
        Strictness::Warn => ("cảnh báo", "warned about"),
        Strictness::None => ("không quy định", "no such rule"),
    }
}
