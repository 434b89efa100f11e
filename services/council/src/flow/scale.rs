//! A real session of 2022: fifteen members, 1,049 dossiers.

use access::Role;
use law::Ballot;
use proto::council::v1::{
    AddItemsRequest, CastBallotRequest, Choice, ConveneSessionRequest, ListReviewsRequest,
    council_service_server::CouncilService as _,
};

use super::house::{House, PROVINCE, auditor, by, members, rule, secretary, uuid};

const DOSSIERS: usize = 1_049;
const MEMBERS: u32 = 15;

/// From the agenda to the minutes, `ballots` members voting on every dossier.
async fn meet(ballots: u32) {
    let house = House::new().await;
    let dossiers: Vec<String> = (0..DOSSIERS).map(|number| format!("d{number:04}")).collect();
    // Side by side: they share commits.
    let queued = dossiers
        .iter()
        .map(|dossier| house.queue(dossier, rule(PROVINCE, Ballot::Secret), ""));
    futures::future::join_all(queued).await;
    let mut pages = dossiers.chunks(50);
    let request = ConveneSessionRequest {
        request_id: uuid(),
        council: PROVINCE.to_owned(),
        members: members(1..=MEMBERS),
        agenda: pages.next().expect("a first page").to_vec(),
        kind: String::new(),
    };
    let convene = house
        .api
        .convene_session(by(request, "officer", Role::Officer, PROVINCE));
    let session = convene.await.expect("convened").into_inner().session;
    for page in pages {
        let request = AddItemsRequest {
            request_id: uuid(),
            session: session.clone(),
            agenda: page.to_vec(),
            etag: String::new(),
        };
        let add = house.api.add_items(secretary(request));
        add.await.expect("added");
    }
    let attend = house.attend(&session, MEMBERS - 2, Vec::new());
    attend.await.expect("there");
    for (at, dossier) in dossiers.iter().enumerate() {
        for number in 1..=ballots {
            // Every seventh dossier fails.
            let choice = if at % 7 == 0 && number > 1 {
                Choice::No
            } else {
                Choice::Yes
            };
            let request = CastBallotRequest {
                request_id: uuid(),
                session: session.clone(),
                dossier: dossier.clone(),
                choice: choice.into(),
                slip: String::new(),
            };
            let subject = format!("m{number}@{PROVINCE}");
            let cast = house.api.cast_ballot(by(request, &subject, Role::Member, PROVINCE));
            cast.await.expect("voted");
        }
    }
    let closed = house.close(&session).await.expect("closed").into_inner();
    assert_eq!((closed.status.as_str(), closed.reviews.len()), ("counting", 50));
    let early = house.minute(&session).await;
    assert_eq!(super::house::reason(early), "STILL_COUNTING");
    assert_eq!(house.timers().await, 20);
    let minuted = house.minute(&session).await.expect("minuted").into_inner();
    assert_eq!(minuted.status, "concluding");
    assert_eq!(house.timers().await, 20);

    let minutes: serde_json::Value = serde_json::from_str(&minuted.minutes).expect("minutes");
    let votes = minutes["votes"].as_array().expect("votes");
    assert_eq!(votes.len(), DOSSIERS);
    let (mut listed, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListReviewsRequest {
            page_size: 100,
            page_token: token,
            session: session.clone(),
            ..ListReviewsRequest::default()
        };
        let page = house.api.list_reviews(auditor(request)).await;
        let page = page.expect("a page").into_inner();
        listed.extend(page.reviews);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(listed.len(), DOSSIERS);
    let passing = |yes: u32| yes * 100 >= 80 * MEMBERS;
    for (at, review) in listed.iter().enumerate() {
        let yes = if at % 7 == 0 { 1 } else { ballots };
        let expected = (dossiers[at].as_str(), yes, ballots - yes, MEMBERS, passing(yes));
        let found = (
            review.dossier.as_str(),
            review.yes,
            review.no,
            review.base,
            review.passed,
        );
        assert_eq!(found, expected);
        assert_eq!(review.status, if passing(yes) { "passed" } else { "failed" });
        assert_eq!(votes[at]["yes"], yes);
    }
}

#[tokio::test]
async fn a_thousand_dossiers_run_to_minutes_page_by_page() {
    meet(1).await;
}
