//! A subscriber that reads its deliveries as a stream, and acknowledges each.

use std::time::Duration;

use host::entropy::fresh_id;
use proto::notification::v1::{AcknowledgeDeliveryRequest, StreamDeliveriesRequest};
use tonic::Status;

use super::receivers::{Received, Receiver};
use crate::client::Client;

/// Between one stream's end and the next attempt, e.g. while the service restarts.
const PAUSE: Duration = Duration::from_millis(100);

/// Keeps a stream open for ever; what was not acknowledged comes again when it is opened anew.
pub async fn read(client: Client, open: StreamDeliveriesRequest, receiver: Receiver) {
    loop {
        // However it ended: the service may have been restarted, and the next attempt will tell.
        let _ended = read_once(&client, open.clone(), &receiver).await;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn read_once(client: &Client, open: StreamDeliveriesRequest, receiver: &Receiver) -> Result<(), Status> {
    let mut stream = client.notification().stream_deliveries(open).await?.into_inner();
    while let Some(delivery) = stream.message().await? {
        let received = Received {
            delivery: delivery.delivery.clone(),
            fact: delivery.fact,
        };
        receiver.notes().received.push(received);
        let request = AcknowledgeDeliveryRequest {
            request_id: fresh_id(),
            delivery: delivery.delivery,
        };
        client.notification().acknowledge_delivery(request).await?;
    }
    Ok(())
}
