//! A council that its agency has constituted: roster by date, its own regulation, interests, adjournment, two signatures.

use std::io::Read as _;

use access::Role;
use futures::StreamExt as _;
use law::{Ballot, CouncilRule};
use proto::council::v1::{
    self as v1, AddItemsRequest, AdjournSessionRequest, CancelSessionRequest, CastBallotRequest, Charter, Choice,
    ConveneSessionRequest, DeclareInterestRequest, ExportMinutesRequest, GetCouncilRequest, GetSessionRequest, Holder,
    InviteMembersRequest, ListCouncilsRequest, RecordAttendanceRequest, Regulation, Seat, SetCouncilRequest,
    SignMinutesRequest, council_service_server::CouncilService as _,
};
use tonic::{Code, Response, Status};

use super::house::{DEPARTMENT, House, PROVINCE, auditor, by, members, reason, rule, secretary, uuid};

fn seat(subject: &str, function: &str, name: &str, person: &str, heads: &str) -> Seat {
    Seat {
        post: String::new(),
        function: function.to_owned(),
        holders: vec![Holder {
            subject: format!("{subject}@{PROVINCE}"),
            name: name.to_owned(),
            person: person.to_owned(),
            heads: heads.to_owned(),
            ..Holder::default()
        }],
    }
}

/// m1 presides, m2 in their place; m4 is a candidate, m5 heads the department; t1 keeps the record.
fn charter(regulation: Regulation) -> Charter {
    Charter {
        from: "2025-01-01".to_owned(),
        document: "12/QĐ-UBND".to_owned(),
        seats: vec![
            seat("m1", "chair", "Bà Một", "", ""),
            seat("m2", "vice-chair", "Ông Hai", "", ""),
            seat("m3", "", "Ông Ba & Cộng sự <x>", "", ""),
            seat("m4", "member", "", "001", ""),
            seat("m5", "member", "", "", DEPARTMENT),
            seat("t1", "secretary", "", "", ""),
        ],
        regulation: Some(regulation),
        ..Charter::default()
    }
}

async fn set(house: &House, role: Role, charter: Charter) -> Result<v1::Council, Status> {
    let request = SetCouncilRequest {
        request_id: uuid(),
        agency: PROVINCE.to_owned(),
        charter: Some(charter),
        ..SetCouncilRequest::default()
    };
    let set = house.api.set_council(by(request, "leader", role, PROVINCE)).await;
    set.map(Response::into_inner)
}

async fn convene(house: &House, agenda: &[&str]) -> Result<v1::Session, Status> {
    let request = ConveneSessionRequest {
        request_id: uuid(),
        council: PROVINCE.to_owned(),
        agenda: agenda.iter().map(ToString::to_string).collect(),
        ..ConveneSessionRequest::default()
    };
    let officer = by(request, "officer", Role::Officer, PROVINCE);
    house.api.convene_session(officer).await.map(Response::into_inner)
}

async fn attend(house: &House, session: &str, present: &[u32], writing: &[u32]) -> Result<v1::Session, Status> {
    let names = |all: &[u32]| all.iter().flat_map(|number| members(*number..=*number)).collect();
    let request = RecordAttendanceRequest {
        request_id: uuid(),
        session: session.to_owned(),
        present: names(present),
        writing: names(writing),
        etag: String::new(),
    };
    let attended = house.api.record_attendance(secretary(request)).await;
    attended.map(Response::into_inner)
}

async fn vote(house: &House, session: &str, dossier: &str, number: u32, how: (Choice, &str)) -> Result<u32, Status> {
    let request = CastBallotRequest {
        request_id: uuid(),
        session: session.to_owned(),
        dossier: dossier.to_owned(),
        choice: how.0.into(),
        slip: how.1.to_owned(),
    };
    let member = by(request, &format!("m{number}@{PROVINCE}"), Role::Member, PROVINCE);
    house
        .api
        .cast_ballot(member)
        .await
        .map(|cast| cast.into_inner().ballots)
}

/// Voting is left to the council.
fn open_rule() -> CouncilRule {
    CouncilRule {
        threshold_percent: 0,
        more_than_half: true,
        article: None,
        ..rule(PROVINCE, Ballot::Open)
    }
}

fn why(refused: Result<impl std::fmt::Debug, Status>) -> String {
    reason(refused.map(Response::new))
}

/// The text of a part of an archive; its XML is well-formed.
fn xml(archive: &mut zip::ZipArchive<std::io::Cursor<Vec<u8>>>, part: &str) -> String {
    let mut text = String::new();
    let mut file = archive.by_name(part).expect("a part");
    file.read_to_string(&mut text).expect("UTF-8");
    let mut reader = quick_xml::Reader::from_str(&text);
    reader.config_mut().check_end_names = true;
    let mut words = String::new();
    loop {
        match reader.read_event().expect("well-formed") {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Text(piece) => words += piece.as_ref(),
            quick_xml::events::Event::End(end) if end.name().as_ref() == "w:tr" => words.push('\n'),
            quick_xml::events::Event::End(end) if end.name().as_ref() == "w:tc" => words.push('|'),
            _ => {}
        }
    }
    words
}

#[tokio::test]
async fn a_constituted_council_meets_by_its_own_regulation_and_its_chair_signs() {
    let house = House::new().await;
    house.queue("a", open_rule(), "001").await;
    house.queue("b", open_rule(), "002").await;
    house.queue("c", open_rule(), "003").await;
    let regulation = Regulation {
        document: "Quy chế 5/QC".to_owned(),
        threshold_num: 2,
        threshold_den: 3,
        recused_leave_base: true,
        ballot: "secret".to_owned(),
        ballots_may_change: true,
        heads_recused: true,
        ..Regulation::default()
    };
    set(&house, Role::Leader, charter(regulation))
        .await
        .expect("constituted");
    let session = convene(&house, &["a", "b"]).await.expect("convened");
    assert!(session.constituted && session.members == members(1..=5));
    // The candidate and the head of their agency are found by the roster.
    assert_eq!(session.reviews[0].recused, members(4..=5));
    assert_eq!(session.reviews[1].recused, members(5..=5));
    let id = session.session;
    let invite = InviteMembersRequest {
        request_id: uuid(),
        session: id.clone(),
        meets_at: super::house::NOW.0,
        place: "Phòng họp số 1".to_owned(),
        ..InviteMembersRequest::default()
    };
    house.api.invite_members(secretary(invite)).await.expect("invited");
    let add = AddItemsRequest {
        request_id: uuid(),
        session: id.clone(),
        agenda: vec!["c".to_owned()],
        etag: String::new(),
    };
    let added = house.api.add_items(secretary(add)).await.expect("added").into_inner();
    assert_eq!((added.items, added.reviews.len()), (3, 3));

    assert_eq!(why(attend(&house, &id, &[3, 4, 5], &[]).await), "NOBODY_PRESIDES");
    let there = attend(&house, &id, &[2, 3, 4, 5], &[1]).await.expect("there");
    assert_eq!(
        (there.status.as_str(), there.chair.as_str()),
        ("quorate", "m2@tinh-hung-yen")
    );

    // m3 declares an interest; then it is too late, since it moves the base.
    let declare = |number: u32, dossier: &str| {
        let request = DeclareInterestRequest {
            request_id: uuid(),
            session: id.clone(),
            dossier: dossier.to_owned(),
            ground: "kin".to_owned(),
        };
        by(request, &format!("m{number}@{PROVINCE}"), Role::Member, PROVINCE)
    };
    house.api.declare_interest(declare(3, "b")).await.expect("declared");
    let slip = "0123456789abcdef-m1";
    vote(&house, &id, "a", 1, (Choice::No, slip)).await.expect("voted");
    assert_eq!(reason(house.api.declare_interest(declare(2, "a")).await), "VOTING_OPEN");
    assert_eq!(why(vote(&house, &id, "a", 4, (Choice::Yes, "")).await), "RECUSED");
    vote(&house, &id, "a", 2, (Choice::Yes, "")).await.expect("voted");
    vote(&house, &id, "a", 3, (Choice::No, "")).await.expect("voted");
    // Only the voter's own slip changes a secret ballot; who has kept none cannot.
    assert_eq!(
        why(vote(&house, &id, "a", 3, (Choice::Yes, "0123456789abcdef-m3")).await),
        "UNKNOWN_SLIP"
    );
    assert_eq!(why(vote(&house, &id, "a", 3, (Choice::Yes, "")).await), "UNKNOWN_SLIP");
    assert_eq!(
        vote(&house, &id, "a", 1, (Choice::Yes, slip)).await.expect("changed"),
        3
    );
    for number in [1, 2, 4] {
        vote(&house, &id, "b", number, (Choice::Yes, "")).await.expect("voted");
    }
    let closed = house.close(&id).await.expect("closed").into_inner();
    let counted = |at: usize| {
        let review = &closed.reviews[at];
        (review.yes, review.no, review.base, review.passed)
    };
    // Two of three left in the base; three of three; nobody voted on the last.
    assert_eq!(
        [counted(0), counted(1), counted(2)],
        [(2, 1, 3, true), (3, 0, 3, true), (0, 0, 4, false)]
    );

    let drafted = house.minute(&id).await.expect("drafted").into_inner();
    assert_eq!(drafted.status, "drafted");
    let sign = |number: u32, digest: &str| {
        let request = SignMinutesRequest {
            request_id: uuid(),
            session: id.clone(),
            digest: digest.to_owned(),
        };
        by(request, &format!("m{number}@{PROVINCE}"), Role::Member, PROVINCE)
    };
    let digest = drafted.minutes_digest.as_str();
    assert_eq!(reason(house.api.sign_minutes(sign(1, digest)).await), "NOT_THE_CHAIR");
    assert_eq!(reason(house.api.sign_minutes(sign(2, "old")).await), "MINUTES_CHANGED");
    let signed = house
        .api
        .sign_minutes(sign(2, digest))
        .await
        .expect("signed")
        .into_inner();
    assert_eq!((signed.status.as_str(), signed.signed_by.len()), ("minuted", 2));
    let minutes: serde_json::Value = serde_json::from_str(&signed.minutes).expect("minutes");
    assert_eq!(minutes["votes"][0]["threshold"], "2/3");
    assert_eq!(minutes["votes"][1]["recused"]["m3@tinh-hung-yen"], "kin");
    assert_eq!(minutes["digest"], digest);

    let request = ExportMinutesRequest { session: id.clone() };
    let mut parts = house
        .api
        .export_minutes(auditor(request))
        .await
        .expect("a document")
        .into_inner();
    let mut document = Vec::new();
    while let Some(part) = parts.next().await {
        document.extend(part.expect("a part").part);
    }
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(document)).expect("a zip archive");
    for part in [
        "[Content_Types].xml",
        "_rels/.rels",
        "word/styles.xml",
        "word/_rels/document.xml.rels",
    ] {
        xml(&mut archive, part);
    }
    let text = xml(&mut archive, "word/document.xml");
    for expected in [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "BIÊN BẢN",
        "Địa điểm: Phòng họp số 1.",
        "Tổng số thành viên Hội đồng: 5. Có mặt: 4. Gửi ý kiến bằng văn bản: 1. Vắng mặt: 0.",
        "1|a|Huân chương Lao động hạng Ba|2|1|0|3|66,6%|Thông qua|",
        "2|b|Huân chương Lao động hạng Ba|3|0|0|3|100,0%|Thông qua|",
        "3|c|Huân chương Lao động hạng Ba|0|0|0|4|0,0%|Không thông qua|",
        "2 hồ sơ được thông qua, 1 hồ sơ không được thông qua",
        "bỏ phiếu kín; thông qua khi đạt từ 2/3 thành viên có quyền biểu quyết (Quy chế 5/QC)",
        "Chủ trì: Ông Hai, Phó Chủ tịch Hội đồng, thay Chủ tịch Hội đồng Bà Một vắng mặt.",
        digest,
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

#[tokio::test]
async fn a_session_is_adjourned_or_called_off_and_its_agenda_lives_on() {
    let house = House::new().await;
    house.queue("a", open_rule(), "").await;
    set(&house, Role::Officer, charter(Regulation::default()))
        .await
        .expect("constituted");
    let id = convene(&house, &["a"]).await.expect("convened").session;
    attend(&house, &id, &[1, 2, 3, 4], &[]).await.expect("there");
    let adjourn = |until: &str| AdjournSessionRequest {
        request_id: uuid(),
        session: id.clone(),
        until: until.to_owned(),
        ..AdjournSessionRequest::default()
    };
    assert_eq!(
        reason(house.api.adjourn_session(secretary(adjourn("2025-09-15"))).await),
        "DAY_PASSED"
    );
    let away = house
        .api
        .adjourn_session(secretary(adjourn("2025-09-17")))
        .await
        .expect("adjourned")
        .into_inner();
    assert_eq!(
        (away.status.as_str(), away.adjourned_until.as_str()),
        ("adjourned", "2025-09-17")
    );
    assert_eq!(
        why(vote(&house, &id, "a", 1, (Choice::Yes, "")).await),
        "SESSION_ADJOURNED"
    );
    assert_eq!(why(attend(&house, &id, &[1, 2, 3, 4], &[]).await), "SESSION_ADJOURNED");
    let cancel = CancelSessionRequest {
        request_id: uuid(),
        session: id.clone(),
        ..CancelSessionRequest::default()
    };
    let off = house
        .api
        .cancel_session(secretary(cancel))
        .await
        .expect("called off")
        .into_inner();
    assert_eq!(
        (off.status.as_str(), off.reviews[0].status.as_str()),
        ("cancelled", "queued")
    );
    convene(&house, &["a"]).await.expect("another session takes it up");
}

#[tokio::test]
async fn rights_that_must_not_exist_do_not() {
    let house = House::new().await;
    house.queue("a", open_rule(), "").await;
    let refused = set(&house, Role::Member, charter(Regulation::default())).await;
    assert_eq!(refused.map_err(|status| status.code()), Err(Code::PermissionDenied));
    // Without a council that is constituted, a session needs members.
    assert_eq!(
        convene(&house, &["a"]).await.map_err(|status| status.code()),
        Err(Code::InvalidArgument)
    );
    let without_writing = Regulation {
        no_writing: true,
        ..Regulation::default()
    };
    set(&house, Role::Leader, charter(without_writing))
        .await
        .expect("constituted");
    let id = convene(&house, &["a"]).await.expect("convened").session;
    assert_eq!(
        why(attend(&house, &id, &[1, 2, 3, 4], &[5]).await),
        "WRITING_NOT_ALLOWED"
    );
    attend(&house, &id, &[1, 2, 3, 4], &[]).await.expect("there");
    // Nobody but a member votes, and no role reads what an operator must not see.
    for role in [
        Role::Operator,
        Role::Auditor,
        Role::Secretary,
        Role::Leader,
        Role::Officer,
        Role::Clerk,
    ] {
        let request = CastBallotRequest {
            request_id: uuid(),
            session: id.clone(),
            dossier: "a".to_owned(),
            choice: Choice::Yes.into(),
            slip: String::new(),
        };
        let refused = house
            .api
            .cast_ballot(by(request, &format!("m1@{PROVINCE}"), role, PROVINCE))
            .await;
        assert_eq!(refused.expect_err("refused").code(), Code::PermissionDenied, "{role}");
    }
    for role in [Role::Operator, Role::Clerk, Role::Nominee, Role::Subscriber] {
        let request = GetSessionRequest { session: id.clone() };
        let refused = house.api.get_session(by(request, "someone", role, PROVINCE)).await;
        assert_eq!(refused.expect_err("refused").code(), Code::PermissionDenied, "{role}");
    }
    assert_eq!(
        reason(
            house
                .api
                .export_minutes(auditor(ExportMinutesRequest { session: id }))
                .await
                .map(|_| Response::new(()))
        ),
        "NOT_MINUTED"
    );
    // Personal numbers are for those who lay the council down.
    let read = |role| {
        by(
            GetCouncilRequest {
                agency: PROVINCE.to_owned(),
                ..GetCouncilRequest::default()
            },
            "x",
            role,
            PROVINCE,
        )
    };
    let persons = |council: &v1::Council| -> String {
        let seats = council.charters.iter().flat_map(|charter| &charter.seats);
        seats
            .flat_map(|seat| &seat.holders)
            .map(|holder| holder.person.as_str())
            .collect()
    };
    let leader = house
        .api
        .get_council(read(Role::Leader))
        .await
        .expect("read")
        .into_inner();
    let member = house
        .api
        .get_council(read(Role::Member))
        .await
        .expect("read")
        .into_inner();
    assert_eq!((persons(&leader).as_str(), persons(&member).as_str()), ("001", ""));
    let listed = house
        .api
        .list_councils(auditor(ListCouncilsRequest::default()))
        .await
        .expect("a list")
        .into_inner();
    assert_eq!((listed.councils.len(), listed.councils[0].roster.len()), (1, 6));
}
