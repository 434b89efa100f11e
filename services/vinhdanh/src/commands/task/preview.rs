//! `--preview`: what an act would do with each of its dossiers; nothing is done.

use proto::approval::v1::{preview_act_request::Act, *};
use serde_json::Value;

use super::super::Desk;
use crate::{
    output::{Record, plain},
    words::word,
};

/// Asks what an act would do. Exit status 1 if one of its dossiers stands in the way of it.
pub(crate) async fn preview(desk: &Desk, act: Act) -> anyhow::Result<u8> {
    let request = PreviewActRequest { act: Some(act) };
    let answer = desk
        .call(async |client| client.approval().preview_act(request.clone()).await)
        .await?;
    desk.output.many(&answer.previews);
    Ok(u8::from(answer.previews.iter().any(|one| !one.possible)))
}

impl Record for Preview {
    const TABLE: &'static [&'static str] = &["dossier", "possible", "status", "step", "agency", "reason", "vi"];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        let mut value = plain(self);
        value["step"] = word(self.step().as_str_name(), "STEP_").into();
        value
    }
}
