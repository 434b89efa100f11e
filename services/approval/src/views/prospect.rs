//! What happens to a dossier if nobody does anything: said beside on whom it waits and until when.

use machine::Snapshot;
use proto::approval::v1::Prospect;

use super::shown::due;
use crate::machine::{Course, State};

/// `None` for what waits on nobody any more.
pub(super) fn prospect(at: &Snapshot<Course>) -> Option<Prospect> {
    let course = &at.data;
    let running = due(at);
    let (vi, en) = match &at.state {
        State::Publishing { running: true } => (
            "Hết thời hạn công khai, hồ sơ tự chuyển sang bước tiếp theo.",
            "the publication ends by itself and the dossier goes on",
        ),
        State::Consulting { .. } => (
            "Quá hạn mà không trả lời, hồ sơ đi tiếp và ghi rõ cơ quan không có ý kiến.",
            "silence past the day lets the dossier go on, and is recorded",
        ),
        State::Returned { .. } if running.is_some() => (
            "Quá hạn bổ sung, hồ sơ được báo quá hạn và vẫn chờ bổ sung.",
            "past the day it is reported overdue, and still waits for the supplement",
        ),
        State::Suspended { .. } => (
            "Đồng hồ dừng đến khi có kết luận; không tự chuyển bước.",
            "the clock stands until the reason has ended; nothing happens by itself",
        ),
        _ if course.late.is_some() => (
            "Đã quá hạn; mỗi tuần báo lên một cấp lãnh đạo cao hơn.",
            "it is overdue; each week one leader further up is told",
        ),
        _ if course.task(&at.state).is_none() => return None,
        _ if running.is_some() => (
            "Quá hạn thì báo quá hạn; sau một tuần báo lãnh đạo, rồi mỗi tuần báo lên một cấp.",
            "past the day it is reported overdue; after a week to the leader, then each week one level up",
        ),
        _ => (
            "Không có thời hạn theo luật ở bước này; không tự chuyển bước.",
            "no limit runs at this step; nothing happens by itself",
        ),
    };
    Some(Prospect {
        on: running.map(|deadline| deadline.day.to_string()).unwrap_or_default(),
        vi: vi.to_owned(),
        en: en.to_owned(),
    })
}
