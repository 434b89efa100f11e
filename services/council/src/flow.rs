//! The service as its callers meet it: calls and events against a real store.

mod constituted;
mod house;
mod scale;

use access::{Principal, Role};
use law::Ballot;
use proto::{
    approval::v1::{self as approval, event::Fact},
    council::v1::{
        CastBallotRequest, Choice, ConveneSessionRequest, ListSessionsRequest, RecuseMemberRequest,
        council_service_server::CouncilService as _,
    },
};
use tonic::{Code, Response};
use tonic_types::StatusExt as _;

use self::house::{DEPARTMENT, House, PROVINCE, auditor, by, members, reason, secretary, uuid};

#[tokio::test]
async fn a_vote_goes_from_the_agenda_to_the_minutes() {
    let house = House::queued(Ballot::Secret).await;
    let session = house.convened().await;
    let attended = house
        .attend(&session, 7, members(8..=8))
        .await
        .expect("attended")
        .into_inner();
    assert_eq!((attended.status.as_str(), attended.quorum), ("quorate", 6));
    for number in 1..=8 {
        let choice = if number == 8 { Choice::Blank } else { Choice::Yes };
        assert_eq!(house.vote(&session, number, choice).await.expect("voted"), number);
    }
    let before = house.reviews().await.pop().expect("a review");
    assert_eq!((before.ballots, before.yes, before.counted), (8, 0, false));

    let closed = house.close(&session).await.expect("closed").into_inner();
    let counted = &closed.reviews[0];
    assert_eq!(
        (counted.yes, counted.no, counted.blank, counted.base, counted.passed),
        (7, 0, 1, 9, false)
    );
    assert_eq!(house.reviews().await.pop().as_ref(), Some(counted));
    assert!(
        house
            .engine
            .journal()
            .store()
            .sealed(&House::review_key())
            .await
            .expect("a box")
            .is_empty()
    );

    let minuted = house.minute(&session).await.expect("minuted").into_inner();
    assert_eq!(minuted.reviews[0].status, "failed");
    let minutes: serde_json::Value = serde_json::from_str(&minuted.minutes).expect("minutes");
    assert_eq!(minutes["votes"][0]["result"], "failed");
    assert_eq!(
        (minutes["chair"].as_str(), minutes["secretary"].as_str()),
        (Some("m1@tinh-hung-yen"), Some("secretary"))
    );
    assert_eq!(minutes["digest"].as_str().map(str::len), Some(64));

    let events = house.engine.journal().store().events(0, 10).await.expect("events");
    let types: Vec<_> = events.iter().map(|row| row.event.event_type.as_str()).collect();
    assert_eq!(types, ["review.tabled", "review.concluded"]);

    // A new session, after a failed vote; the earlier round stays in the list, before the new one.
    house.convened().await;
    let listed = house.reviews().await;
    let rounds: Vec<_> = listed
        .iter()
        .map(|review| (review.council.as_str(), review.status.as_str()))
        .collect();
    assert_eq!(
        rounds,
        [(DEPARTMENT, "waiting"), (PROVINCE, "failed"), (PROVINCE, "tabled")]
    );
    let all = house
        .api
        .list_sessions(auditor(ListSessionsRequest::default()))
        .await
        .expect("sessions")
        .into_inner();
    assert_eq!(all.sessions.len(), 2);
}

#[tokio::test]
async fn nothing_but_the_box_knows_a_secret_choice() {
    let house = House::queued(Ballot::Secret).await;
    let session = house.convened().await;
    house.attend(&session, 7, Vec::new()).await.expect("attended");
    let request = |choice: Choice| CastBallotRequest {
        request_id: "6c1b0b52-63a5-4c1a-8a0c-0f2f0d5b2a11".to_owned(),
        session: session.clone(),
        dossier: "d".to_owned(),
        choice: choice.into(),
        slip: String::new(),
    };
    let cast = |choice| {
        house
            .api
            .cast_ballot(by(request(choice), "m1@tinh-hung-yen", Role::Member, PROVINCE))
    };
    let first = cast(Choice::No).await.expect("voted").into_inner();
    // The stored request is the same for every choice: a repeat with another one is the same request, and too late.
    assert_eq!(cast(Choice::Yes).await.expect("the first answer").into_inner(), first);

    let store = house.engine.journal().store();
    let slips = store.sealed(&House::review_key()).await.expect("a box");
    assert_eq!(slips.len(), 1);
    assert_eq!(slips[0].1, b"n");
    assert!(!slips[0].0.contains("m1"), "a slip names its voter");
    let history = store.history(&House::review_key(), 0, 100).await.expect("history");
    let last = history.last().expect("a row");
    let input = String::from_utf8(last.entry.input.clone()).expect("text");
    assert_eq!(
        input,
        format!(r#"{{"input":"ballot-cast","session":"{session}","member":"m1@tinh-hung-yen","standing":"votes"}}"#)
    );
    let snapshot = store
        .load(&[House::review_key()])
        .await
        .expect("a snapshot")
        .remove(0)
        .expect("a review")
        .snapshot;
    assert!(
        String::from_utf8(snapshot)
            .expect("text")
            .contains(r#""ballots":{"m1@tinh-hung-yen":null}"#)
    );
}

#[tokio::test]
async fn an_open_ballot_is_counted_from_history() {
    let house = House::queued(Ballot::Open).await;
    let session = house.convened().await;
    house.attend(&session, 9, Vec::new()).await.expect("attended");
    for number in 1..=8 {
        house.vote(&session, number, Choice::Yes).await.expect("voted");
    }
    house.vote(&session, 9, Choice::No).await.expect("voted");
    let closed = house.close(&session).await.expect("closed").into_inner();
    assert_eq!(
        (closed.reviews[0].yes, closed.reviews[0].no, closed.reviews[0].passed),
        (8, 1, true)
    );
}

#[tokio::test]
async fn what_does_not_exist_and_what_is_not_yours_look_the_same() {
    let house = House::new().await;
    house.opened(Ballot::Secret).await;
    let denied = [
        house.convene(PROVINCE, "d").await,
        house.convene(PROVINCE, "no-such-dossier").await,
        house.convene("tinh-vinh-long", "d").await,
        house.attend("no-such-session", 1, Vec::new()).await,
        house.close("no-such-session").await,
    ];
    let told: Vec<_> = denied.into_iter().map(|denied| denied.expect_err("denied")).collect();
    for status in &told {
        assert_eq!(
            (status.code(), status.message()),
            (Code::PermissionDenied, told[0].message())
        );
    }
    assert_eq!(reason(house.convene(DEPARTMENT, "d").await), "NOT_RECEIVED");
}

#[tokio::test]
async fn only_members_of_the_frozen_roster_vote_and_only_on_others() {
    let house = House::queued(Ballot::Secret).await;
    let session = house.convened().await;
    assert_eq!(
        house.vote(&session, 1, Choice::Yes).await.map_err(|s| s.code()),
        Err(Code::FailedPrecondition)
    );
    house.attend(&session, 7, members(8..=8)).await.expect("attended");
    assert_eq!(
        house.vote(&session, 10, Choice::Yes).await.map_err(|s| s.code()),
        Err(Code::PermissionDenied)
    );
    assert_eq!(
        house.vote(&session, 1, Choice::Unspecified).await.map_err(|s| s.code()),
        Err(Code::InvalidArgument)
    );
    let ballot = CastBallotRequest {
        request_id: uuid(),
        session,
        dossier: "d".to_owned(),
        choice: 1,
        slip: String::new(),
    };
    let mut own = by(ballot, "m1@tinh-hung-yen", Role::Member, PROVINCE);
    own.extensions_mut().get_mut::<Principal>().expect("a principal").person = Some("001".to_owned());
    assert_eq!(
        house.api.cast_ballot(own).await.expect_err("their own").code(),
        Code::PermissionDenied
    );
}

#[tokio::test]
async fn a_recused_member_does_not_vote_and_stays_in_the_base() {
    let house = House::queued(Ballot::Secret).await;
    let session = house.convened().await;
    house.attend(&session, 9, Vec::new()).await.expect("attended");
    let request = |number| RecuseMemberRequest {
        request_id: uuid(),
        session: session.clone(),
        member: format!("m{number}@{PROVINCE}"),
        dossier: "d".to_owned(),
        ground: String::new(),
    };
    house.api.recuse_member(secretary(request(9))).await.expect("recused");
    let outsider = house
        .api
        .recuse_member(secretary(request(10)))
        .await
        .expect_err("no member");
    assert_eq!(outsider.code(), Code::InvalidArgument);
    let refused = house.vote(&session, 9, Choice::Yes).await.map(Response::new);
    assert_eq!(reason(refused), "RECUSED");
    for number in 1..=8 {
        house.vote(&session, number, Choice::Yes).await.expect("voted");
    }
    let closed = house.close(&session).await.expect("closed").into_inner();
    assert_eq!(
        (closed.reviews[0].yes, closed.reviews[0].base, closed.reviews[0].passed),
        (8, 9, true)
    );
}

#[tokio::test]
async fn without_a_quorum_nothing_is_voted_and_the_agenda_is_free_again() {
    let house = House::queued(Ballot::Secret).await;
    let session = house.convened().await;
    let attended = house
        .attend(&session, 5, members(6..=9))
        .await
        .expect("attended")
        .into_inner();
    assert_eq!(attended.status, "convened");
    assert_eq!(
        reason(house.vote(&session, 1, Choice::Yes).await.map(Response::new)),
        "NO_QUORUM"
    );
    assert_eq!(reason(house.convene(PROVINCE, "d").await), "ALREADY_TABLED");
    let closed = house.close(&session).await.expect("closed").into_inner();
    assert_eq!(
        (closed.status.as_str(), closed.reviews[0].status.as_str()),
        ("closed", "queued")
    );
    let minutes = house.minute(&session).await.expect("minuted").into_inner().minutes;
    assert!(minutes.contains(r#""result":"not-voted""#), "{minutes}");
    house.convened().await;
}

#[tokio::test]
async fn a_returned_dossier_leaves_its_session_and_its_ballots_are_destroyed() {
    let house = House::queued(Ballot::Secret).await;
    let session = house.convened().await;
    house.attend(&session, 7, Vec::new()).await.expect("attended");
    house.vote(&session, 1, Choice::Yes).await.expect("voted");
    house
        .hear(1, "in-council", Fact::Returned(approval::Returned::default()))
        .await;
    assert!(
        house
            .engine
            .journal()
            .store()
            .sealed(&House::review_key())
            .await
            .expect("a box")
            .is_empty()
    );
    assert_eq!(
        reason(house.vote(&session, 2, Choice::Yes).await.map(Response::new)),
        "VOTING_CLOSED"
    );
    assert_eq!(
        house.convene(PROVINCE, "d").await.expect_err("not here").code(),
        Code::PermissionDenied
    );
    house.close(&session).await.expect("closed");
    house.minute(&session).await.expect("minuted");
    house
        .hear(1, "in-council", Fact::Resubmitted(approval::Resubmitted {}))
        .await;
    house.convened().await;
}

#[tokio::test]
async fn withdrawal_ends_the_reviews_of_all_councils() {
    let house = House::queued(Ballot::Secret).await;
    house.hear(1, "", Fact::Withdrawn(approval::Withdrawn {})).await;
    assert!(house.reviews().await.iter().all(|review| review.status == "ended"));
    house.opened(Ballot::Secret).await;
    assert!(house.reviews().await.iter().all(|review| review.status == "waiting"));
}

#[tokio::test]
async fn a_request_says_which_field_is_wrong() {
    let house = House::queued(Ballot::Secret).await;
    let wrong = |members: &[&str], agenda: &[&str]| {
        let text = |all: &[&str]| all.iter().map(ToString::to_string).collect();
        let (members, agenda) = (text(members), text(agenda));
        let request = ConveneSessionRequest {
            request_id: uuid(),
            council: PROVINCE.to_owned(),
            members,
            agenda,
            kind: String::new(),
        };
        let refused = house
            .api
            .convene_session(by(request, "officer", Role::Officer, PROVINCE));
        async {
            refused
                .await
                .expect_err("refused")
                .get_details_bad_request()
                .expect("fields")
                .field_violations
                .remove(0)
                .field
        }
    };
    assert_eq!(wrong(&[], &["d"]).await, "members");
    assert_eq!(wrong(&["m1", "m1"], &["d"]).await, "members[1]");
    assert_eq!(wrong(&["m1"], &[]).await, "agenda");
    assert_eq!(wrong(&["m1"], &["d", " "]).await, "agenda[1]");
    let session = house.convened().await;
    let refused = house.attend(&session, 2, members(2..=2)).await.expect_err("refused");
    assert_eq!(
        refused.get_details_bad_request().expect("fields").field_violations[0].field,
        "writing[0]"
    );
}
