//! What all requests that name dossiers alone have in common.

/// An act on the courses of the dossiers that a request names.
macro_rules! on_courses {
    ($request:ident, $method:literal, $act:ident $(, by days $days:literal)?; $($body:item)*) => {
        impl OnCourses for v1::$request {
            const METHOD: &'static str = concat!("approval/", $method);
            const ACT: Act = Act::$act;
            $(const LIVES_BY_DAYS: bool = $days;)?

            fn request_id(&self) -> &str {
                &self.request_id
            }

            fn targets(&self) -> &[Target] {
                &self.dossiers
            }

            $($body)*
        }
    };
}
