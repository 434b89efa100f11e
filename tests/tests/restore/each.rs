use proto::intake::v1::Status;
use tests::until;

use crate::{hook::Hook, world::*};

/// Every service in turn is restored to a backup that the others are ahead of. Differences are accepted, and the
/// installation works on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_service_is_restored_and_work_goes_on() {
    for service in services() {
        let mut world = World::new().await;
        let hook = Hook::start().await;
        world.subscribe(format!("http://{}/decisions", hook.address)).await;
        let (first, second) = (world.draft(1).await, world.draft(2).await);
        world.submit(&first).await;
        world.quiet().await;
        world.back_up().await;
        world.receive(&first).await;
        world.appraise(&first).await;
        world.award(&first, "7/QĐ-UBND").await;
        world.becomes(&first, Status::Awarded).await;
        world.submit(&second).await;
        world.quiet().await;
        until(20, "the receiver", async || (hook.ids().len() == 1).then_some(())).await;
        world.stop().await;
        world.restore(service).await;
        world.start().await;
        world.compared().await;
        world.accept_all().await;
        if service == "notification" {
            // What it had delivered after the backup is delivered again, under the same id.
            until(20, "the second delivery", async || {
                (hook.ids().len() == 2).then_some(())
            })
            .await;
            assert_eq!(hook.ids()[0], hook.ids()[1]);
        }
        let third = world.draft(3).await;
        world.submit(&third).await;
        world.receive(&third).await;
        world.appraise(&third).await;
        world.award(&third, "8/QĐ-UBND").await;
        world.becomes(&third, Status::Awarded).await;
        world.sound().await;
        world.stop().await;
    }
}
