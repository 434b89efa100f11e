//! What a reply says: the part that the journal keeps for repeats, and the aggregates that it tells of.

use std::{collections::BTreeMap, sync::OnceLock};

use prost::Message;
use prost_types::FileDescriptorSet;
use proto::{
    approval::v1 as approval, council::v1 as council, directory::v1 as directory, intake::v1 as intake,
    notification::v1 as notification,
};

/// What an acknowledgement promises.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The reply as the journal keeps it: what only the first answer shows is not in it.
    pub(crate) kept: Vec<u8>,
    /// Aggregates that it says it moved, with their versions where it tells them.
    pub(crate) moved: BTreeMap<String, Option<u64>>,
}

/// What each method answers with, by `service/Method`: the message's full name.
fn answers() -> &'static BTreeMap<String, String> {
    static ANSWERS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    ANSWERS.get_or_init(|| {
        let files = FileDescriptorSet::decode(proto::DESCRIPTORS).unwrap_or_default().file;
        let mut answers = BTreeMap::new();
        for file in &files {
            // `vinhdanh.intake.v1`
            let name = file.package().split('.').nth(1).unwrap_or_default();
            for method in file.service.iter().flat_map(|service| &service.method) {
                answers.insert(format!("{name}/{}", method.name()), method.output_type().to_owned());
            }
        }
        answers
    })
}

/// Reads a reply of `method`. One that tells of no aggregate promises nothing but its own bytes.
pub(crate) fn told(method: &str, reply: &[u8]) -> Told {
    let answer = answers().get(method).map_or("", String::as_str);
    let moved = match answer.trim_start_matches(".vinhdanh.") {
        "intake.v1.SubmitDossiersResponse" => many(reply, |all: intake::SubmitDossiersResponse| {
            all.dossiers.iter().map(dossier).collect()
        }),
        "intake.v1.Dossier" => many(reply, |one| vec![dossier(&one)]),
        "approval.v1.ActResponse" => many(reply, |all: approval::ActResponse| {
            let course = |one: &approval::Course| moved("approval.course", &one.dossier, &one.etag);
            all.courses.iter().map(course).collect()
        }),
        "council.v1.Session" => many(reply, |one: council::Session| {
            vec![moved("council.session", &one.session, &one.etag)]
        }),
        "directory.v1.Agency" => many(reply, |one: directory::Agency| {
            vec![moved("directory.agency", &one.agency, &one.etag)]
        }),
        "notification.v1.Delivery" => many(reply, |one: notification::Delivery| {
            vec![moved("notification.delivery", &one.delivery, "")]
        }),
        "notification.v1.Subscription" => {
            return notification::Subscription::decode(reply).map_or_else(|_| as_it_is(reply), subscription);
        }
        _ => BTreeMap::new(),
    };
    Told {
        moved,
        ..as_it_is(reply)
    }
}

/// The request as the journal digests it: without a secret choice.
pub(crate) fn digested(method: &str, request: &[u8]) -> Vec<u8> {
    if method != "council/CastBallot" {
        return request.to_vec();
    }
    council::CastBallotRequest::decode(request).map_or_else(
        |_| request.to_vec(),
        |ballot| {
            council::CastBallotRequest {
                choice: 0,
                slip: String::new(),
                ..ballot
            }
            .encode_to_vec()
        },
    )
}

fn as_it_is(reply: &[u8]) -> Told {
    Told {
        kept: reply.to_vec(),
        ..Told::default()
    }
}

/// Its secret is shown once, and never kept.
fn subscription(one: notification::Subscription) -> Told {
    let moved = moved("notification.subscription", &one.subscription, &one.etag);
    let kept = notification::Subscription {
        secret: String::new(),
        ..one
    };
    Told {
        kept: kept.encode_to_vec(),
        moved: [moved].into(),
    }
}

fn many<M: Message + Default>(
    reply: &[u8],
    moved: impl FnOnce(M) -> Vec<(String, Option<u64>)>,
) -> BTreeMap<String, Option<u64>> {
    M::decode(reply).map_or_else(|_| BTreeMap::new(), |message| moved(message).into_iter().collect())
}

fn dossier(one: &intake::Dossier) -> (String, Option<u64>) {
    moved("intake.dossier", &one.dossier, &one.etag)
}

fn moved(kind: &str, id: &str, etag: &str) -> (String, Option<u64>) {
    (format!("{kind}/{id}"), etag.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_replies_that_promise_most_are_understood() {
        let course = approval::Course {
            dossier: "d".to_owned(),
            etag: "7".to_owned(),
            ..approval::Course::default()
        };
        let reply = approval::ActResponse { courses: vec![course] }.encode_to_vec();
        let moved = [("approval.course/d".to_owned(), Some(7))].into();
        assert_eq!(told("approval/DecideDossiers", &reply).moved, moved);
        assert_eq!(told("approval/StartBulk", &reply).moved, BTreeMap::new());

        let secret = notification::Subscription {
            secret: "whsec_x".to_owned(),
            ..notification::Subscription::default()
        };
        let kept = told("notification/CreateSubscription", &secret.encode_to_vec()).kept;
        assert_eq!(
            notification::Subscription::decode(kept.as_slice()),
            Ok(notification::Subscription::default())
        );
    }
}
