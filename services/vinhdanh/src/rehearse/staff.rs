//! Who acts for whom, and who has what in hand.

use host::entropy::fresh_id;
use proto::{approval::v1 as approval, directory::v1 as directory};

use super::{
    player::{Player, Trouble},
    scenario::Actor,
    verbs::{Assign, Delegate},
};
use crate::client::Client;

impl Player<'_> {
    /// A leader names a substitute by dates; a span counts from the rehearsal's now.
    pub(super) async fn delegate(&self, act: &Delegate, actor: &Actor, client: &Client) -> Result<(), Trouble> {
        let now = self.stage.now().await?;
        let to = act.to.beside(actor);
        let request = directory::DelegateRequest {
            request_id: fresh_id(),
            substitute: Some(directory::Post {
                subject: to.subject(),
                role: to.role.as_str().to_owned(),
                agency: to.agency,
                person: String::new(),
            }),
            acts: act.acts.0.clone(),
            from: act.from.from(now)?.date().to_string(),
            to: act.to_day.from(now)?.date().to_string(),
            document: String::new(),
        };
        client.directory().delegate(request).await?;
        Ok(())
    }

    /// A task goes to a colleague.
    pub(super) async fn assign(&self, act: &Assign, actor: &Actor, client: &Client) -> Result<(), Trouble> {
        let to = act.to.beside(actor);
        let request = approval::AssignTasksRequest {
            request_id: fresh_id(),
            dossiers: self.targets(&act.dossiers),
            to: Some(approval::Post {
                subject: to.subject(),
                role: to.role.as_str().to_owned(),
                agency: to.agency,
            }),
        };
        client.approval().assign_tasks(request).await?;
        Ok(())
    }
}
