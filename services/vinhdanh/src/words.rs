//! The words of the API as people read them: Vietnamese first, then the word itself, since that is what one types.

use law::{Level, Verdict};

/// The heading of a field.
pub fn heading(key: &str) -> &str {
    match key {
        "actor" => "Người làm (actor)",
        "agency" => "Cơ quan (agency)",
        "aggregate" => "Đối tượng (aggregate)",
        "aggregates" => "Đối tượng (aggregates)",
        "applied" => "Đã nhận đến (applied)",
        "article" => "Điều khoản (article)",
        "at" => "Lúc (at)",
        "attempts" => "Số lần gửi (attempts)",
        "award" => "Danh hiệu, hình thức (award)",
        "ballots" => "Số phiếu đã bỏ (ballots)",
        "base" => "Tính trên (base)",
        "blank" => "Phiếu trắng (blank)",
        "bonus" => "Cách tính tiền thưởng (reckoned)",
        "bonus_vnd" => "Tiền thưởng, đồng (bonus)",
        "bytes" => "Dung lượng (bytes)",
        "candidate" => "Người được đề nghị (candidate)",
        "candidate_agency" => "Đơn vị công tác (candidate agency)",
        "cause" => "Do (cause)",
        "channel" => "Kênh (channel)",
        "choice" => "Bộ quy định được chọn (choice)",
        "chosen" => "Bộ quy định được chọn (chosen)",
        "code" => "Mã (code)",
        "common" => "Chung đến (common)",
        "confirmed" => "Đã xác nhận (confirmed)",
        "consumer" => "Bên nhận (consumer)",
        "consumers" => "Đã nhận đến (consumers)",
        "content_digest" => "Mã nội dung (content digest)",
        "convened_at" => "Triệu tập lúc (convened)",
        "council" => "Hội đồng (council)",
        "counted" => "Đã kiểm phiếu (counted)",
        "day" => "Ngày (day)",
        "dead_letters" => "Thư chết (dead letters)",
        "deadline" => "Hạn (deadline)",
        "deadlines" => "Cách tính hạn (counted)",
        "decided_on" => "Ngày quyết định (decided on)",
        "decider" => "Thẩm quyền (decider)",
        "decision_number" => "Số quyết định (decision)",
        "declared_at" => "Khai báo lúc (declared)",
        "declared_by" => "Người khai báo (declared by)",
        "decree" => "Nghị định (decree)",
        "delivery" => "Lần gửi (delivery)",
        "denominator" => "Mẫu số (of)",
        "denominator_how" => "Cách tính mẫu số (of, counted)",
        "differences" => "Khác biệt (differences)",
        "directory_digest" => "Mã danh bạ (directory digest)",
        "divergences" => "Chỗ lệch (divergences)",
        "document" => "Văn bản (document)",
        "dossier" => "Hồ sơ (dossier)",
        "endpoint" => "Gửi đến (endpoint)",
        "epoch" => "Thời kỳ (epoch)",
        "error" => "Lỗi (error)",
        "etag" => "Bản (etag)",
        "event_id" => "Sự kiện (event)",
        "events" => "Sự kiện (events)",
        "fact" => "Việc (fact)",
        "filter" => "Điều kiện (filter)",
        "follows" => "Đang theo (follows)",
        "found" => "Đang ở (found in)",
        "from" | "in_force_from" => "Từ ngày (from)",
        "head" => "Mới nhất (head)",
        "held" => "Đang dừng vì (held)",
        "holds" => "Đang tạm dừng vì (holds)",
        "id" => "Mã (id)",
        "in_force_to" => "Trước ngày (before)",
        "input" => "Bước (input)",
        "judged_on" => "Xét theo ngày (judged on)",
        "key" => "Theo ngày (by)",
        "kind" => "Loại (kind)",
        "last_result" => "Kết quả gần nhất (last result)",
        "law" => "Luật (law)",
        "letter_date" => "Ngày tờ trình (letter date)",
        "letter_number" => "Tờ trình (letter)",
        "level" => "Cấp (level)",
        "levels" => "Các cấp (levels)",
        "lost" => "Bị mất (lost)",
        "machine_version" => "Phiên bản (version)",
        "max_percent" => "Tối đa, % (at most)",
        "members" => "Thành viên (members)",
        "missing" => "Còn thiếu (missing)",
        "most" => "Nhiều nhất (most)",
        "name" | "name_vi" => "Tên (name)",
        "next_attempt_at" => "Gửi lại lúc (next attempt)",
        "next_state" => "Chuyển đến (next state)",
        "no" => "Không tán thành (no)",
        "note" => "Ghi chú (note)",
        "number" => "Số (number)",
        "numerator" => "Tử số (count)",
        "numerator_how" => "Cách tính tử số (counted)",
        "occasion" => "Lúc xét (occasion)",
        "of" => "Tính trên (of)",
        "on" => "Theo ngày (on)",
        "owner" => "Nơi giữ có đến (owner)",
        "parent" => "Cấp trên (parent)",
        "passed" => "Đạt (passed)",
        "present" => "Có mặt (present)",
        "problems" => "Sai sót (problems)",
        "producer" => "Bên phát (producer)",
        "quorum" => "Số cần có mặt (quorum)",
        "received_on" => "Ngày tiếp nhận (received)",
        "reason" => "Lý do (reason)",
        "recipient" => "Dành cho (recipient)",
        "relayed" => "Đã phát đến (relayed)",
        "resolution" => "Cách xử lý (resolution)",
        "reviews" => "Hồ sơ đưa ra (reviews)",
        "role" => "Vai (role)",
        "rows" => "Dòng (rows)",
        "rule_set" => "Bộ quy định (rule set)",
        "rule_set_digest" => "Mã bộ quy định (rules digest)",
        "rules_changed" => "Quy định đã đổi (rules changed)",
        "secret" => "Bí mật (secret)",
        "seq" => "Thứ tự (seq)",
        "service" => "Dịch vụ (service)",
        "session" => "Phiên họp (session)",
        "sha256" => "SHA-256",
        "share" => "Tỷ lệ (share)",
        "since" => "Từ lúc (since)",
        "state" => "Trạng thái sau (state)",
        "status" => "Tình trạng (status)",
        "step" => "Bước (step)",
        "steps" => "Số bước (steps)",
        "submitting_agency" => "Đơn vị trình (submitting agency)",
        "subscription" => "Đăng ký (subscription)",
        "successor" => "Cơ quan kế tục (successor)",
        "threshold_percent" => "Tỷ lệ cần, % (threshold)",
        "timers_due" => "Hẹn giờ đến hạn (timers due)",
        "to" => "Đến ngày (to)",
        "under_way" => "Đang làm (under way)",
        "unmet" => "Chưa đạt (unmet)",
        "updated_at" => "Sửa lúc (updated)",
        "verdict" => "Kết quả kiểm tra (verdict)",
        "version" => "Số (version)",
        "waiting_for" => "Đang đợi (waiting for)",
        "waiting_on" => "Chờ (waiting on)",
        "warnings" => "Lưu ý (warnings)",
        "working" => "Làm việc (working)",
        "writing" => "Gửi ý kiến bằng văn bản (writing)",
        "wrong" => "Sai (wrong)",
        "year" => "Năm (year)",
        "yes" => "Tán thành (yes)",
        other => other,
    }
}

/// A word of the API in a field, for people.
pub fn spoken(key: &str, word: &str) -> String {
    let vi = match key {
        "status" => status(word),
        "step" => step(word),
        "level" | "levels" => level(word),
        "verdict" => verdict(word),
        "role" => role(word),
        "procedure" => procedure(word),
        "recipient" => recipient(word),
        "kind" => kind(word),
        "decider" => decider(word),
        "key" => key_date(word),
        "occasion" => occasion(word),
        "share" => share(word),
        _ => None,
    };
    vi.map_or_else(|| word.to_owned(), |vi| format!("{vi} ({word})"))
}

fn status(word: &str) -> Option<&'static str> {
    Some(match word {
        "drafting" => "đang soạn",
        "submitted" => "đã trình",
        "returned" => "trả lại để bổ sung",
        "in-review" => "đang xét",
        "suspended" => "tạm dừng",
        "awarded" => "được khen thưởng",
        "refused" => "không được khen thưởng",
        "withdrawn" => "đã rút",
        "revoked" => "đã hủy bỏ",
        "convened" => "đã triệu tập",
        "quorate" => "đủ số họp",
        "closed" | "tallied" => "đã kiểm phiếu",
        "minuted" => "đã có biên bản",
        "waiting" => "đang đợi",
        "queued" => "chờ đưa ra",
        "tabled" => "trong chương trình",
        "voting" => "đang bỏ phiếu",
        "passed" => "đạt",
        "failed" => "không đạt",
        "ended" => "đã hết",
        "active" => "đang dùng",
        "pending" => "chờ gửi",
        "sending" => "đang gửi",
        "delivered" => "đã nhận",
        "parked" => "tạm giữ",
        "suppressed" => "không gửi",
        "dead" => "không gửi được",
        _ => return None,
    })
}

fn step(word: &str) -> Option<&'static str> {
    Some(match word {
        "receiving" => "tiếp nhận",
        "appraising" => "thẩm định",
        "consulting" => "hiệp y",
        "publishing" => "công khai",
        "in-council" => "Hội đồng xét",
        "signing" => "ký tờ trình",
        "deciding" => "quyết định",
        "issued" => "đã ban hành",
        "published" => "đã công bố",
        "presented" => "đã trao tặng",
        _ => return None,
    })
}

fn level(word: &str) -> Option<&'static str> {
    Level::ALL
        .into_iter()
        .find(|level| level.as_str() == word)
        .map(Level::name_vi)
}

fn verdict(word: &str) -> Option<&'static str> {
    let all = [
        Verdict::OnHold,
        Verdict::NotEligible,
        Verdict::Incomplete,
        Verdict::Undecided,
        Verdict::Eligible,
    ];
    all.into_iter()
        .find(|verdict| verdict.as_str() == word)
        .map(Verdict::name_vi)
}

fn procedure(word: &str) -> Option<&'static str> {
    match word {
        "simplified" => Some("thủ tục đơn giản"),
        "ordinary" => Some("thủ tục thông thường"),
        _ => None,
    }
}

fn recipient(word: &str) -> Option<&'static str> {
    Some(match word {
        "individual" => "cá nhân",
        "collective" => "tập thể",
        "household" => "hộ gia đình",
        "both" => "cá nhân, tập thể",
        _ => return None,
    })
}

fn kind(word: &str) -> Option<&'static str> {
    Some(match word {
        "emulation-title" => "danh hiệu thi đua",
        "order" => "huân chương",
        "medal" => "huy chương",
        "state-honour" => "danh hiệu vinh dự nhà nước",
        "prize" => "giải thưởng",
        "memorial" => "kỷ niệm chương, huy hiệu",
        "commendation" => "bằng khen, giấy khen",
        "local" => "của một cơ quan",
        _ => return None,
    })
}

fn occasion(word: &str) -> Option<&'static str> {
    Some(match word {
        "draft" => "khi soạn",
        "choice" => "khi chọn bộ quy định",
        "submission" => "khi trình",
        "supplement" => "khi bổ sung",
        "receipt" => "khi tiếp nhận",
        "lower" => "khi đề nghị mức thấp hơn",
        _ => return None,
    })
}

fn share(word: &str) -> Option<&'static str> {
    Some(match word {
        "ok" => "trong tỷ lệ",
        "over" => "vượt tỷ lệ",
        "unknown" => "chưa biết",
        _ => return None,
    })
}

fn key_date(word: &str) -> Option<&'static str> {
    match word {
        "letter" => Some("ngày tờ trình"),
        "received" => Some("ngày nhận đủ hồ sơ"),
        _ => None,
    }
}

fn decider(word: &str) -> Option<&'static str> {
    Some(match word {
        "president" => "Chủ tịch nước",
        "prime-minister" => "Thủ tướng Chính phủ",
        "government" => "Chính phủ",
        "ministry-or-province" => "bộ trưởng, Chủ tịch UBND tỉnh",
        "district" => "Chủ tịch UBND huyện",
        "commune" => "Chủ tịch UBND xã",
        "unit" | "legal-unit" => "thủ trưởng đơn vị",
        "corps" => "tư lệnh, giám đốc",
        "named" => "cơ quan được nêu",
        _ => return None,
    })
}

fn role(word: &str) -> Option<&'static str> {
    Some(match word {
        "clerk" => "văn thư",
        "officer" => "chuyên viên",
        "leader" => "lãnh đạo",
        "secretary" => "thư ký",
        "member" => "ủy viên",
        "auditor" => "kiểm tra",
        "operator" => "vận hành",
        "nominee" => "người được đề nghị",
        "subscriber" => "người theo dõi",
        _ => return None,
    })
}

/// `STATUS_IN_REVIEW` with prefix `STATUS_` is `in-review`; an unspecified value is empty.
pub fn word(name: &str, prefix: &str) -> String {
    match name.strip_prefix(prefix).unwrap_or(name) {
        "UNSPECIFIED" => String::new(),
        rest => rest.to_lowercase().replace('_', "-"),
    }
}

/// The inverse of [`word`].
pub fn name(word: &str, prefix: &str) -> String {
    format!("{prefix}{}", word.to_uppercase().replace('-', "_"))
}

/// A running deadline and how it was counted: `giải quyết (limit) đến hết 2025-08-06: 25 ngày làm việc từ 2025-07-02`.
pub fn deadline(fields: &serde_json::Map<String, serde_json::Value>) -> String {
    let text = |key: &str| fields.get(key).and_then(|value| value.as_str()).unwrap_or_default();
    let number = |key: &str| fields.get(key).and_then(serde_json::Value::as_u64).unwrap_or_default();
    let yes = |key: &str| fields.get(key).and_then(serde_json::Value::as_bool).unwrap_or_default();
    let listed = |key: &str| {
        fields
            .get(key)
            .and_then(|value| value.as_array())
            .cloned()
            .unwrap_or_default()
    };
    let kind = match text("kind") {
        "limit" => "giải quyết (limit)",
        "supplement" => "bổ sung (supplement)",
        "publication" => "công khai (publication)",
        other => other,
    };
    let until = format!("{kind} đến hết (until) {}", text("until"));
    if number("days") == 0 {
        return until;
    }
    let unit = if text("unit") == "working" {
        "ngày làm việc (working days)"
    } else {
        "ngày (days)"
    };
    let first = if yes("first_counted") {
        ", tính cả ngày đầu (the first counts)"
    } else {
        ""
    };
    let (days, began) = (number("days"), text("began"));
    let mut said = vec![format!("{until}: {days} {unit} từ (from) {began}{first}")];
    for stop in listed("stops") {
        let day = |key: &str| stop[key].as_str().unwrap_or_default().to_owned();
        said.push(format!("dừng (stood) {} – {}", day("on"), day("until")));
    }
    if text("from") != text("began") {
        said.push(format!("còn (left) {} từ (from) {}", number("left"), text("from")));
    }
    if !text("article").is_empty() {
        said.push(text("article").to_owned());
    }
    if !yes("confirmed") {
        said.push("số ngày chưa xác nhận (days unconfirmed)".to_owned());
    }
    let years: Vec<String> = listed("unconfirmed_years").iter().map(ToString::to_string).collect();
    if !years.is_empty() {
        let years = years.join(", ");
        said.push(format!("lịch chưa xác nhận (calendar unconfirmed): {years}"));
    }
    said.join("; ")
}
