//! The words of the API as people read them: Vietnamese first, then the word itself, since that is what one types.

/// The heading of a field.
pub fn heading(key: &str) -> &str {
    match key {
        "aggregate" => "Đối tượng (aggregate)",
        "aggregates" => "Đối tượng (aggregates)",
        "agency" => "Cơ quan (agency)",
        "actor" => "Người làm (actor)",
        "at" => "Lúc (at)",
        "attempts" => "Số lần gửi (attempts)",
        "award" => "Danh hiệu, hình thức (award)",
        "ballots" => "Số phiếu đã bỏ (ballots)",
        "base" => "Tính trên (base)",
        "blank" => "Phiếu trắng (blank)",
        "bonus_vnd" => "Tiền thưởng, đồng (bonus)",
        "candidate" => "Người được đề nghị (candidate)",
        "candidate_agency" => "Đơn vị công tác (candidate agency)",
        "cause" => "Do (cause)",
        "channel" => "Kênh (channel)",
        "code" => "Mã (code)",
        "consumer" => "Bên nhận (consumer)",
        "consumers" => "Đã nhận đến (consumers)",
        "council" => "Hội đồng (council)",
        "counted" => "Đã kiểm phiếu (counted)",
        "dead_letters" => "Thư chết (dead letters)",
        "deadline" => "Hạn (deadline)",
        "decided_on" => "Ngày quyết định (decided on)",
        "decision_number" => "Số quyết định (decision)",
        "delivery" => "Lần gửi (delivery)",
        "divergences" => "Chỗ lệch (divergences)",
        "dossier" => "Hồ sơ (dossier)",
        "endpoint" => "Gửi đến (endpoint)",
        "error" => "Lỗi (error)",
        "etag" => "Bản (etag)",
        "event_id" => "Sự kiện (event)",
        "events" => "Sự kiện (events)",
        "fact" => "Việc (fact)",
        "filter" => "Điều kiện (filter)",
        "from" => "Từ ngày (from)",
        "head" => "Mới nhất (head)",
        "input" => "Bước (input)",
        "kind" => "Loại (kind)",
        "last_result" => "Kết quả gần nhất (last result)",
        "letter_date" => "Ngày tờ trình (letter date)",
        "letter_number" => "Tờ trình (letter)",
        "level" => "Cấp (level)",
        "levels" => "Các cấp (levels)",
        "members" => "Thành viên (members)",
        "missing" => "Còn thiếu (missing)",
        "name" => "Tên (name)",
        "next_attempt_at" => "Gửi lại lúc (next attempt)",
        "no" => "Không tán thành (no)",
        "note" => "Ghi chú (note)",
        "parent" => "Cấp trên (parent)",
        "passed" => "Đạt (passed)",
        "present" => "Có mặt (present)",
        "problems" => "Sai sót (problems)",
        "producer" => "Bên phát (producer)",
        "quorum" => "Số cần có mặt (quorum)",
        "relayed" => "Đã phát đến (relayed)",
        "reviews" => "Hồ sơ đưa ra (reviews)",
        "role" => "Vai (role)",
        "rows" => "Dòng (rows)",
        "rule_set" => "Bộ quy định (rule set)",
        "secret" => "Bí mật (secret)",
        "seq" => "Thứ tự (seq)",
        "service" => "Dịch vụ (service)",
        "session" => "Phiên họp (session)",
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
        "writing" => "Gửi ý kiến bằng văn bản (writing)",
        "yes" => "Tán thành (yes)",
        "convened_at" => "Triệu tập lúc (convened)",
        "article" => "Điều khoản (article)",
        "confirmed" => "Đã xác nhận (confirmed)",
        "successor_of" => "Kế tục (successor of)",
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
        "closed" => "đã kiểm phiếu",
        "minuted" => "đã có biên bản",
        "waiting" => "đang đợi",
        "queued" => "chờ đưa ra",
        "tabled" => "trong chương trình",
        "voting" => "đang bỏ phiếu",
        "tallied" => "đã kiểm phiếu",
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

/// A level in Vietnamese.
fn level(word: &str) -> Option<&'static str> {
    Some(match word {
        "unit" => "đơn vị",
        "district" => "xã, huyện",
        "department" => "sở, ban, ngành",
        "ministry-or-province" => "bộ, tỉnh",
        "state" => "Nhà nước",
        _ => return None,
    })
}

fn verdict(word: &str) -> Option<&'static str> {
    Some(match word {
        "on-hold" => "chưa được xét",
        "not-eligible" => "không đủ điều kiện",
        "incomplete" => "thiếu hồ sơ",
        "undecided" => "cần người xem xét",
        "eligible" => "đủ điều kiện",
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
