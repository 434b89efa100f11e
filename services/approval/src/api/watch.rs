//! A course as it changes.

use std::{pin::Pin, sync::Arc};

use access::Act;
use futures::Stream;
use host::principal;
use proto::approval::v1;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::Api;

/// The course now, and after each change.
pub(super) type Courses = Pin<Box<dyn Stream<Item = Result<v1::Course, Status>> + Send>>;

impl Api {
    /// Follows one course until the caller goes, or may no longer read it.
    pub(super) async fn watch(&self, request: Request<v1::WatchCourseRequest>) -> Result<Response<Courses>, Status> {
        let who = principal(&request)?;
        let dossier = request.into_inner().dossier;
        let first = self.read_course(&who, Act::ReadDossier, &dossier).await?;
        let (send, receive) = tokio::sync::mpsc::channel(8);
        let api = Self(self.0.clone(), Arc::clone(&self.1));
        tokio::spawn(async move {
            let mut head = api.0.journal().watch();
            let mut etag = first.etag.clone();
            if send.send(Ok(first)).await.is_err() {
                return;
            }
            loop {
                let woken = tokio::time::timeout(std::time::Duration::from_secs(5), head.changed());
                tokio::select! { biased; woken = woken => if matches!(woken, Ok(Err(_))) { return }, () = send.closed() => return }
                // Rights are looked at again with every change.
                match api.read_course(&who, Act::ReadDossier, &dossier).await {
                    Ok(course) if course.etag == etag => {}
                    Ok(course) => {
                        etag.clone_from(&course.etag);
                        if send.send(Ok(course)).await.is_err() {
                            return;
                        }
                    }
                    Err(fault) => {
                        let _ = send.send(Err(fault.into())).await;
                        return;
                    }
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receive))))
    }
}
