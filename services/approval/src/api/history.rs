//! The steps of a dossier, as they were taken.

use access::Act;
use host::{Fault, paging::Page, principal};
use journal::Key;
use machine::{Actor, Machine as _};
use proto::approval::v1;
use tonic::{Request, Response, Status};

use super::Api;
use crate::machine::Course;

impl Api {
    /// A page of them, oldest first.
    pub(super) async fn history(
        &self,
        request: Request<v1::ListHistoryRequest>,
    ) -> Result<Response<v1::ListHistoryResponse>, Status> {
        let who = principal(&request)?;
        let r = request.into_inner();
        self.read_course(&who, Act::ReadHistory, &r.dossier).await?;
        let page = Page::read(r.page_size, &r.page_token, &format!("history/{}", r.dossier))?;
        let after = page.after.parse().unwrap_or(0);
        let key = Key::new(Course::NAME, &r.dossier);
        let rows = self
            .0
            .journal()
            .store()
            .history(&key, after, page.limit() as u32)
            .await
            .map_err(Fault::from)?;
        let mut steps = Vec::with_capacity(rows.len());
        for row in rows {
            let actor: Actor = serde_json::from_str(&row.entry.actor)
                .map_err(|e| Fault::Internal(format!("actor of {key} version {}: {e}", row.version)))?;
            let input: serde_json::Value = serde_json::from_slice(&row.entry.input)
                .map_err(|e| Fault::Internal(format!("input of {key} version {}: {e}", row.version)))?;
            let (on_behalf_of, delegation) = actor
                .on_behalf
                .map(|giver| (giver.id, giver.mandate))
                .unwrap_or_default();
            let name = machine::variant_name(&input);
            let assigned_to = input["to"].as_str().filter(|_| name == "assign");
            steps.push(v1::HistoryStep {
                version: row.version,
                assigned_to: assigned_to.unwrap_or_default().to_owned(),
                on_behalf_of,
                delegation,
                input: name,
                state: row.entry.state,
                actor: actor.id,
                role: actor.role,
                agency: actor.agency,
                at: row.entry.at,
                cause: row.entry.cause,
            });
        }
        let next_page_token = page.cut(&mut steps, |step| step.version.to_string());
        Ok(Response::new(v1::ListHistoryResponse { steps, next_page_token }))
    }
}
