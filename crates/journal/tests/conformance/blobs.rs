use journal::StoreError;
use sha2::{Digest, Sha256};

use crate::world::*;

pub async fn a_blob_is_kept_under_its_digest(world: &World) {
    for size in [0, 1, 256 * 1024, 700_001] {
        let content: Vec<u8> = (0..size).map(|n: u32| (n % 251) as u8).collect();
        let sha256 = hex::encode(Sha256::digest(&content));
        assert_eq!(world.store.blob(&sha256).await.unwrap(), None);
        assert_eq!(world.store.blob_size(&sha256).await.unwrap(), None);
        for _ in 0..2 {
            world.store.put_blob(&sha256, &content, 5).await.unwrap();
        }
        assert_eq!(world.store.blob_size(&sha256).await.unwrap(), Some(size.into()));
        assert!(world.store.blob(&sha256).await.unwrap().unwrap() == content);
    }
}

pub async fn a_blob_of_another_digest_is_refused(world: &World) {
    let sha256 = hex::encode(Sha256::digest(b"minutes"));
    let refused = world.store.put_blob(&sha256, b"forged", 5).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt { table: "blob", .. })),
        "{refused:?}"
    );
    world.store.put_blob(&sha256, b"minutes", 5).await.unwrap();
    let bytes = if world.is_sqlite() { "X'00'" } else { "'\\x00'" };
    world
        .sql(&format!("UPDATE blob_chunk SET content = {bytes}"))
        .await
        .unwrap();
    let damaged = world.store.blob(&sha256).await;
    assert!(
        matches!(damaged, Err(StoreError::Corrupt { table: "blob", .. })),
        "{damaged:?}"
    );
}
