//! Every reason that a call can be refused for: stable for programs, with a text for people. A reason that is not in
//! this table does not compile into an answer: a test walks the machines' tables.

use tonic::Code;

/// A reason of refusal.
#[derive(Clone, Copy, Debug)]
pub struct Reason {
    /// Stable, `UPPER_SNAKE`.
    pub name: &'static str,
    /// The gRPC code that it goes with.
    pub code: Code,
    /// For people, in Vietnamese; says what to do next.
    pub vi: &'static str,
    /// For people, in English.
    pub en: &'static str,
}

const fn reason(name: &'static str, code: Code, vi: &'static str, en: &'static str) -> Reason {
    Reason { name, code, vi, en }
}

use Code::{
    Aborted, DeadlineExceeded, FailedPrecondition, InvalidArgument, PermissionDenied, ResourceExhausted,
    Unauthenticated,
};

/// The table, sorted by name.
pub const REASONS: &[Reason] = &[
    reason(
        "AGENCY_CLOSED",
        FailedPrecondition,
        "Cơ quan này đã kết thúc hoạt động; cơ quan kế thừa thực hiện thay.",
        "this agency has ended; its successor acts in its place",
    ),
    reason(
        "AGENCY_EXISTS",
        FailedPrecondition,
        "Mã cơ quan đã có trong danh bạ; hãy chọn mã khác.",
        "an agency with this code exists; choose another code",
    ),
    reason(
        "ALREADY_ASKED",
        FailedPrecondition,
        "Cơ quan này đang được lấy ý kiến về hồ sơ; hãy chờ trả lời hoặc hết hạn.",
        "this agency is being asked already; wait for its reply or its due day",
    ),
    reason(
        "ALREADY_RECORDED",
        FailedPrecondition,
        "Khen thưởng này đã được ghi vào sổ.",
        "this award is in the register already",
    ),
    reason(
        "ALREADY_TABLED",
        FailedPrecondition,
        "Hồ sơ đang ở trong một phiên họp khác; hãy kết thúc phiên đó trước.",
        "a session has this dossier on its agenda; end that session first",
    ),
    reason(
        "ALREADY_TAKEN_UP",
        FailedPrecondition,
        "Nơi nhận đã tiếp nhận hồ sơ; hãy đề nghị họ trả lại.",
        "the receiving office has taken it up; ask them to return it",
    ),
    reason(
        "ASSIGNED_TO_ANOTHER",
        FailedPrecondition,
        "Việc này đã phân công cho người khác; lãnh đạo phân công lại, hoặc người đó trả lại việc.",
        "this task is another's; have a leader assign it anew, or its holder release it",
    ),
    reason(
        "ATTACHMENT_CORRUPT",
        InvalidArgument,
        "Tệp đính kèm không khớp mã SHA-256 hoặc dung lượng đã khai; hãy gửi lại.",
        "the attachment does not match its digest or size; send it again",
    ),
    reason(
        "ATTACHMENT_MISSING",
        FailedPrecondition,
        "Hồ sơ nêu tệp đính kèm chưa được gửi lên; hãy gửi tệp rồi nộp lại.",
        "the dossier names an attachment that was not uploaded; upload it and submit again",
    ),
    reason(
        "ATTACHMENT_TOO_LARGE",
        ResourceExhausted,
        "Tệp đính kèm quá lớn.",
        "the attachment is too large",
    ),
    reason(
        "BAD_ENDPOINT",
        InvalidArgument,
        "Địa chỉ nhận thông báo không hợp lệ hoặc không được phép.",
        "the endpoint is not a valid or allowed address",
    ),
    reason(
        "BEFORE_RESTORE",
        FailedPrecondition,
        "Việc này xảy ra trước khi khôi phục dữ liệu và bước hiện tại chưa nhận được; hãy làm lại các việc bị mất rồi thử lại.",
        "this happened before the restore and the restored state does not take it; do the lost acts again, then retry it",
    ),
    reason(
        "CONFIDENTIAL",
        FailedPrecondition,
        "Hồ sơ mật không được đưa vào hệ thống nối mạng.",
        "a state secret must not enter a networked installation",
    ),
    reason(
        "CONSULTATION_OVER",
        FailedPrecondition,
        "Việc lấy ý kiến cơ quan này đã kết thúc.",
        "this agency's opinion is not waited for any more: it was given, or its due day has passed",
    ),
    reason(
        "CONSULTATION_PENDING",
        FailedPrecondition,
        "Đang chờ ý kiến của cơ quan được hỏi.",
        "other agencies' opinions are waited for; go on once they have come or are past their due day",
    ),
    reason(
        "COUNCIL_NOT_FAILED",
        FailedPrecondition,
        "Chỉ đề nghị mức thấp hơn sau khi Hội đồng không thông qua và đã ký biên bản.",
        "a lower award is proposed only after a failed vote with signed minutes",
    ),
    reason(
        "COUNCIL_NOT_PASSED",
        FailedPrecondition,
        "Hội đồng không thông qua; lãnh đạo có thể không khen thưởng, trả lại, hoặc họp phiên mới.",
        "the council did not pass it; refuse it, return it, or convene a new session",
    ),
    reason(
        "COUNCIL_PENDING",
        FailedPrecondition,
        "Hội đồng chưa có kết quả ghi biên bản; hãy họp và lập biên bản trước.",
        "the council has no minuted result yet; hold the session and sign its minutes first",
    ),
    reason(
        "DATE_IN_FUTURE",
        InvalidArgument,
        "Ngày ghi sau ngày hôm nay; hãy sửa lại ngày.",
        "a date lies after today; correct it",
    ),
    reason(
        "DAY_PASSED",
        FailedPrecondition,
        "Ngày này đã qua; không thay đổi được ngày đã qua.",
        "that day has passed; what has passed is not changed",
    ),
    reason(
        "DEADLINE_PASSED",
        DeadlineExceeded,
        "Chưa xử lý xong trong thời hạn chờ; nếu là lệnh ghi, hãy hỏi lại hoặc gửi lại với cùng request_id.",
        "not answered within the time that the call gave; ask again, or repeat a write with the same request_id",
    ),
    reason(
        "DECIDER_PASSED",
        FailedPrecondition,
        "Hồ sơ đã qua cấp có thẩm quyền quyết định mức này; hãy trả lại cấp đó.",
        "the dossier has passed the one who decides this award; return it there",
    ),
    reason(
        "DELEGATION_ENDED",
        FailedPrecondition,
        "Ủy quyền này đã chấm dứt.",
        "this delegation has ended",
    ),
    reason(
        "DELEGATION_NOT_ALLOWED",
        FailedPrecondition,
        "Không được ủy quyền việc này, hoặc không được ủy quyền cho người này.",
        "this cannot be delegated, or not to this person: only one's own acts, within the agency, and never a vote",
    ),
    reason(
        "GROUND_REQUIRED",
        InvalidArgument,
        "Phải nêu căn cứ.",
        "a ground is required",
    ),
    reason(
        "INVALID_DOSSIER",
        InvalidArgument,
        "Hồ sơ có lỗi; xem từng mục.",
        "the dossier has errors; see each field",
    ),
    reason(
        "INVALID_LOCAL_AWARD",
        InvalidArgument,
        "Quy định khen thưởng có lỗi; xem từng mục.",
        "the definition of the award has errors; see each field",
    ),
    reason(
        "INVALID_REQUEST",
        InvalidArgument,
        "Yêu cầu không hợp lệ; xem từng mục.",
        "the request is not valid; see each field",
    ),
    reason(
        "LAW_UNDECIDED",
        FailedPrecondition,
        "Pháp luật không cho biết đường đi của hồ sơ này; xem từng mục.",
        "the law gives no way for this dossier; see the detail",
    ),
    reason(
        "LOCAL_AWARD_ENDED",
        FailedPrecondition,
        "Hình thức khen thưởng này đã chấm dứt; hãy đặt mã mới.",
        "this award has ended; define another under a new code",
    ),
    reason(
        "MAIL_NOT_SET_UP",
        FailedPrecondition,
        "Hệ thống chưa cấu hình máy chủ thư điện tử; hãy nhận tin qua luồng hoặc webhook.",
        "this installation has no mail server; subscribe by stream or webhook, or have [mail] set up",
    ),
    reason(
        "MALFORMED_REQUEST",
        InvalidArgument,
        "Yêu cầu không đọc được; hãy dùng đúng bản mô tả API.",
        "the request cannot be read; use the API's own description",
    ),
    reason(
        "MEMBER_ABSENT",
        FailedPrecondition,
        "Thành viên không có mặt và không gửi ý kiến bằng văn bản.",
        "the member is absent and sends no written opinion",
    ),
    reason(
        "MESSAGE_TOO_LARGE",
        ResourceExhausted,
        "Yêu cầu lớn quá mức cho phép; hãy chia nhỏ.",
        "the request is too large; split it",
    ),
    reason(
        "MINUTES_CHANGED",
        FailedPrecondition,
        "Biên bản đã được lập lại; hãy đọc bản mới rồi ký.",
        "the minutes were drawn up anew; read them and sign those",
    ),
    reason(
        "NOBODY_PRESIDES",
        FailedPrecondition,
        "Chủ tịch và các Phó Chủ tịch Hội đồng đều vắng mặt, quy chế không cử ai khác chủ trì; hãy hoãn phiên họp.",
        "neither the chair nor a vice-chair is there and the regulation names nobody else; adjourn the session",
    ),
    reason(
        "NOT_ALLOWED_NOW",
        FailedPrecondition,
        "Việc này không thực hiện được ở bước hiện tại của hồ sơ.",
        "the dossier's present step does not allow this",
    ),
    reason(
        "NOT_APPRAISED",
        FailedPrecondition,
        "Hồ sơ chưa được thẩm định ở cấp này.",
        "the dossier has not been appraised at this level",
    ),
    reason(
        "NOT_AWARDED",
        FailedPrecondition,
        "Hồ sơ chưa có quyết định khen thưởng.",
        "there is no decision to award yet, so nothing to correct, revoke or restore",
    ),
    reason(
        "NOT_A_LOWER_AWARD",
        FailedPrecondition,
        "Luật không có mức thấp hơn này cùng loại; xem vinhdanh law awards.",
        "the law orders no such award below this one; see vinhdanh law awards",
    ),
    reason(
        "NOT_A_MEMBER",
        FailedPrecondition,
        "Người này không phải thành viên của phiên họp.",
        "this person is no member of the session",
    ),
    reason(
        "NOT_DONE_AGAIN",
        FailedPrecondition,
        "Nơi được khôi phục chưa làm lại đến đây; hãy làm lại các việc bị mất trước, hoặc chấp nhận dữ liệu được khôi phục.",
        "the restored service has not come so far again; do the lost acts again first, or accept what was restored",
    ),
    reason(
        "NOT_MINUTED",
        FailedPrecondition,
        "Phiên họp chưa có biên bản; hãy kiểm phiếu và lập biên bản trước.",
        "the session has no minutes yet; close and minute it first",
    ),
    reason(
        "NOT_PUBLISHED",
        FailedPrecondition,
        "Phải công khai lấy ý kiến trước khi họp Hội đồng.",
        "names must be published for comment before the council may meet",
    ),
    reason(
        "NOT_QUORATE",
        FailedPrecondition,
        "Chưa đủ số thành viên dự họp theo quy định.",
        "the quorum of all members is not met",
    ),
    reason(
        "NOT_RECEIVED",
        FailedPrecondition,
        "Hồ sơ chưa được tiếp nhận ở cấp này.",
        "the dossier has not been received at this level",
    ),
    reason(
        "NOT_REVOKED",
        FailedPrecondition,
        "Quyết định khen thưởng đang có hiệu lực, không phải khôi phục.",
        "the award is in force; there is nothing to restore",
    ),
    reason(
        "NOT_THEIR_TASK",
        FailedPrecondition,
        "Việc này chờ vai trò khác hoặc cơ quan khác, hoặc chưa chờ ai.",
        "this task waits on another role or agency, or on nobody; see `vinhdanh task list`",
    ),
    reason(
        "NOT_THE_CHAIR",
        FailedPrecondition,
        "Chỉ người chủ trì phiên họp ký biên bản.",
        "only whoever presided signs the minutes",
    ),
    reason(
        "NO_CALENDAR",
        FailedPrecondition,
        "Chưa có lịch làm việc của năm này; không tính được thời hạn.",
        "there is no working calendar for that year; the period cannot be counted",
    ),
    reason(
        "NO_COUNCIL",
        FailedPrecondition,
        "Cấp này không lập Hội đồng cho hồ sơ này.",
        "this level holds no council on this dossier",
    ),
    reason(
        "NO_PLACE_THERE",
        FailedPrecondition,
        "Trạng thái này không có chỗ trong phiên bản mới; hồ sơ giữ phiên bản của nó.",
        "this state has no place in the version asked for; it stays with its own",
    ),
    reason(
        "NO_POWER_TO_DECIDE",
        FailedPrecondition,
        "Cơ quan này không có thẩm quyền quyết định hình thức khen thưởng này.",
        "this agency has no power to decide this award",
    ),
    reason(
        "NO_QUORUM",
        FailedPrecondition,
        "Phiên họp chưa đủ số thành viên theo quy định; chưa được bỏ phiếu.",
        "the session has no quorum; voting is not open",
    ),
    reason(
        "NO_SUCH_COUNCIL",
        FailedPrecondition,
        "Không có Hội đồng này, hoặc Hội đồng đã kết thúc.",
        "there is no such council, or it has been dissolved",
    ),
    reason(
        "NO_SUCH_DAY",
        FailedPrecondition,
        "Không có ngày này trong danh sách ngày riêng.",
        "there is no such day on the list; see `vinhdanh directory day list`",
    ),
    reason(
        "NUMBER_REQUIRED",
        InvalidArgument,
        "Phải có số văn bản.",
        "a document number is required",
    ),
    reason(
        "NUMBER_TAKEN",
        FailedPrecondition,
        "Số văn bản này đã dùng trong năm tại cơ quan này; hãy lấy số khác.",
        "this number is taken in this agency and year; take another",
    ),
    reason(
        "ORDER_NOT_CONFIRMED",
        FailedPrecondition,
        "Thứ bậc hai hình thức này chưa được xác nhận trong văn bản; hãy trả lại hoặc lập hồ sơ mới.",
        "no source was read for the order of these two awards; return it, or begin another dossier",
    ),
    reason(
        "OVERLOADED",
        ResourceExhausted,
        "Hệ thống đang quá tải; hãy thử lại sau ít giây.",
        "too much at once; try again after the pause that is given",
    ),
    reason(
        "OWN_AGENCY",
        FailedPrecondition,
        "Không lấy ý kiến của chính cơ quan mình.",
        "an agency does not ask itself; name another",
    ),
    reason(
        "PERMISSION_DENIED",
        PermissionDenied,
        "Không có quyền, hoặc không có hồ sơ này.",
        "not permitted, or no such thing",
    ),
    reason(
        "PUBLICATION_RUNNING",
        FailedPrecondition,
        "Thời gian công khai lấy ý kiến chưa hết.",
        "the publication for comment is not over",
    ),
    reason(
        "PUBLICATION_TOO_SHORT",
        FailedPrecondition,
        "Thời gian công khai ngắn hơn quy định.",
        "the publication is shorter than the law asks for",
    ),
    reason(
        "RECUSED",
        FailedPrecondition,
        "Thành viên đã rút, không bỏ phiếu cho hồ sơ này.",
        "the member is recused from this dossier",
    ),
    reason(
        "REFERENCE_TAKEN",
        FailedPrecondition,
        "Số tham chiếu này đã dùng cho hồ sơ khác của cơ quan trình.",
        "this reference is taken by another dossier of the submitting agency",
    ),
    reason(
        "REQUEST_ID_REQUIRED",
        InvalidArgument,
        "Thiếu request_id.",
        "request_id is required: a UUID made by the client",
    ),
    reason(
        "REQUEST_ID_REUSED",
        InvalidArgument,
        "request_id đã dùng cho một yêu cầu có nội dung khác.",
        "this request_id was used for a request with other content",
    ),
    reason(
        "RESTORE_DIFFERS",
        FailedPrecondition,
        "Dữ liệu sau khôi phục khác với nơi này đã biết; hãy xử lý bằng: vinhdanh admin epoch resolve.",
        "after a restore this differs from what is known here; settle that first: vinhdanh admin epoch resolve",
    ),
    reason(
        "REVOKED",
        FailedPrecondition,
        "Quyết định khen thưởng đã bị hủy bỏ; khôi phục trước.",
        "the award is revoked; restore it first",
    ),
    reason(
        "RULE_SET_NOT_ALLOWED",
        FailedPrecondition,
        "Không được chọn bộ quy định này cho hồ sơ này.",
        "the law does not leave the choice of this rule set for this dossier",
    ),
    reason(
        "SAME_AGENCY",
        FailedPrecondition,
        "Người được đề nghị đã ở cơ quan này.",
        "the candidate is at this agency already",
    ),
    reason(
        "SEPARATION_OF_DUTIES",
        FailedPrecondition,
        "Người đã thẩm định hồ sơ không được ký trình hoặc quyết định hồ sơ đó.",
        "who appraised a dossier may neither sign nor decide it; another person must",
    ),
    reason(
        "SESSION_ADJOURNED",
        FailedPrecondition,
        "Phiên họp đang hoãn; hãy điểm danh vào ngày họp tiếp.",
        "the session is adjourned; record attendance on the day on which it goes on",
    ),
    reason(
        "STALE_ETAG",
        Aborted,
        "Hồ sơ đã thay đổi; hãy đọc lại rồi thực hiện.",
        "it has changed since; read it again and retry",
    ),
    reason(
        "STILL_COUNTING",
        FailedPrecondition,
        "Đang kiểm phiếu; hãy chờ ít giây rồi lập biên bản.",
        "the votes are still being counted; try again in a moment",
    ),
    reason(
        "SUSPENDED",
        FailedPrecondition,
        "Hồ sơ đang tạm dừng xem xét.",
        "the dossier is suspended",
    ),
    reason(
        "TOKEN_EXPIRED",
        Unauthenticated,
        "Phiên đăng nhập đã hết hạn; hãy lấy thẻ mới.",
        "the token has expired; get a new one",
    ),
    reason(
        "TOKEN_FOREIGN",
        Unauthenticated,
        "Thẻ không do hệ thống này cấp.",
        "the token was not issued for this system",
    ),
    reason(
        "TOKEN_MALFORMED",
        Unauthenticated,
        "Thẻ không đọc được.",
        "the token is not readable",
    ),
    reason(
        "TOKEN_MISSING",
        Unauthenticated,
        "Thiếu thẻ truy cập; dùng `vinhdanh token`.",
        "a bearer token is required; see `vinhdanh token`",
    ),
    reason(
        "TOKEN_NOT_YET_VALID",
        Unauthenticated,
        "Thẻ chưa đến thời gian hiệu lực.",
        "the token is not valid yet",
    ),
    reason(
        "UNKNOWN_AGENCY",
        InvalidArgument,
        "Không có cơ quan này trong danh bạ.",
        "the directory has no such agency",
    ),
    reason(
        "UNKNOWN_AWARD",
        InvalidArgument,
        "Không có danh hiệu, hình thức khen thưởng này.",
        "there is no such award",
    ),
    reason(
        "UNKNOWN_FILTER",
        InvalidArgument,
        "Không có tiêu chí lọc này.",
        "there is no such filter",
    ),
    reason(
        "UNKNOWN_SLIP",
        FailedPrecondition,
        "Mã phiếu không đúng: muốn đổi phiếu phải dùng lại đúng mã lúc bỏ phiếu.",
        "not the slip that was cast: to change a ballot use the same slip, for a first one a new slip",
    ),
    reason(
        "VERSION_IN_FORCE",
        FailedPrecondition,
        "Giai đoạn đã có hiệu lực không sửa được; hãy thêm giai đoạn mới.",
        "a version that has begun stays as it is; end it and add another",
    ),
    reason(
        "VERSION_UNKNOWN",
        InvalidArgument,
        "Máy trạng thái không có phiên bản này.",
        "the machine has no such version",
    ),
    reason(
        "VOTED_ALREADY",
        FailedPrecondition,
        "Thành viên đã bỏ phiếu cho hồ sơ này.",
        "the member has voted on this dossier",
    ),
    reason(
        "VOTING_CLOSED",
        FailedPrecondition,
        "Đã kết thúc bỏ phiếu.",
        "voting is closed",
    ),
    reason(
        "VOTING_OPEN",
        FailedPrecondition,
        "Hồ sơ đã bắt đầu bỏ phiếu; việc rút khỏi biểu quyết phải ghi trước đó.",
        "voting on it has begun; a recusal that changes the base must come before",
    ),
    reason(
        "WRITING_NOT_ALLOWED",
        FailedPrecondition,
        "Quy chế của Hội đồng không cho bỏ phiếu bằng văn bản.",
        "the regulation of the council does not let the absent vote in writing",
    ),
];

impl Reason {
    /// The reason of this name; `NOT_ALLOWED_NOW` for one that is not in the table.
    pub fn named(name: &str) -> Reason {
        let position = REASONS.binary_search_by(|reason| reason.name.cmp(name));
        let fallback = || {
            REASONS
                .iter()
                .find(|reason| reason.name == machine::Refusal::NOT_ALLOWED_NOW)
        };
        position
            .ok()
            .and_then(|at| REASONS.get(at))
            .or_else(fallback)
            .copied()
            .unwrap_or(REASONS[0])
    }

    /// Whether the table has it.
    pub fn is_known(name: &str) -> bool {
        REASONS.binary_search_by(|reason| reason.name.cmp(name)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_holds_each_reason_once() {
        let names: Vec<_> = REASONS.iter().map(|reason| reason.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted);
    }
}
