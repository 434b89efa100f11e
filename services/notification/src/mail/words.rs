//! What a fact is called in a letter to people.

/// In Vietnamese and in English; something that is always true for a fact that has no words yet.
pub(super) fn of(fact: &str) -> (&'static str, &'static str) {
    match fact {
        "dossier.submitted" => ("Hồ sơ đã được nộp", "Dossier submitted"),
        "dossier.supplemented" => ("Hồ sơ đã được bổ sung", "Dossier supplemented"),
        "dossier.in-review" => ("Hồ sơ đã được đưa vào xem xét", "Dossier in review"),
        "dossier.received" => ("Hồ sơ đã được tiếp nhận", "Dossier received"),
        "dossier.appraised" => ("Hồ sơ đã được thẩm định", "Dossier appraised"),
        "dossier.published" => ("Hồ sơ được công khai lấy ý kiến", "Dossier published for comment"),
        "dossier.publication-ended" => ("Đã hết thời gian công khai lấy ý kiến", "Publication for comment ended"),
        "dossier.council-concluded" => ("Hội đồng đã có kết luận về hồ sơ", "Council concluded on the dossier"),
        "dossier.forwarded" => ("Hồ sơ đã được trình cấp trên", "Dossier forwarded"),
        "dossier.returned" => ("Hồ sơ được trả lại để bổ sung", "Dossier returned for supplement"),
        "dossier.suspended" => ("Hồ sơ tạm dừng xem xét", "Dossier suspended"),
        "dossier.resumed" => ("Hồ sơ được tiếp tục xem xét", "Dossier resumed"),
        "dossier.withdrawn" => ("Hồ sơ đã được rút", "Dossier withdrawn"),
        "dossier.recalled" => ("Hồ sơ đã được nơi gửi thu hồi", "Dossier recalled by its sender"),
        "dossier.awarded" => ("Đã có quyết định khen thưởng", "Award decided"),
        "dossier.refused" => ("Đã có quyết định không khen thưởng", "Award refused"),
        "dossier.presented" => ("Đã trao tặng", "Award presented"),
        "dossier.overdue" => ("Hồ sơ đã quá hạn giải quyết", "Dossier overdue"),
        "dossier.escalated" => (
            "Hồ sơ quá hạn được báo lên lãnh đạo",
            "Overdue dossier reported upwards",
        ),
        "dossier.commented" => ("Có ý kiến góp ý về hồ sơ", "Comment on the dossier"),
        "dossier.deadline-moved" => ("Thời hạn giải quyết hồ sơ thay đổi", "Deadline of the dossier moved"),
        "dossier.consultation-asked" => ("Đã gửi lấy ý kiến hiệp y", "Other agencies asked for their opinion"),
        "dossier.consultation-replied" => ("Đã có ý kiến hiệp y", "An agency gave its opinion"),
        "dossier.consultation-lapsed" => ("Quá hạn mà chưa có ý kiến hiệp y", "An agency gave no opinion in time"),
        "dossier.consultation-ended" => ("Đã kết thúc lấy ý kiến hiệp y", "Consultation ended"),
        "dossier.corrected" => ("Quyết định khen thưởng được đính chính", "Award decision corrected"),
        "dossier.revoked" => ("Quyết định khen thưởng bị hủy bỏ", "Award revoked"),
        "dossier.restored" => ("Quyết định khen thưởng được khôi phục", "Award restored"),
        "dossier.award-in-question" => (
            "Khen thưởng làm căn cứ của hồ sơ đã bị hủy bỏ",
            "An earlier award that the dossier relies on was revoked",
        ),
        "dossier.award-out-of-question" => (
            "Khen thưởng làm căn cứ của hồ sơ đã được khôi phục",
            "An earlier award that the dossier relies on was restored",
        ),
        _ => ("Hồ sơ có diễn biến mới", "News of the dossier"),
    }
}
