-- Notification's read model. Bodies are the API's messages as JSON, without secrets.
CREATE TABLE subscription (
    id       TEXT    NOT NULL PRIMARY KEY,
    agency   TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    status   TEXT    NOT NULL,
    endpoint TEXT    NOT NULL,
    body     BLOB    NOT NULL,
    version  INTEGER NOT NULL
) STRICT;
CREATE INDEX subscription_of_agency ON subscription (agency, id);
CREATE INDEX subscription_by_status ON subscription (status, id);

-- place: when it was made, as a text that sorts; unique, since it ends with the id.
CREATE TABLE delivery (
    id           TEXT    NOT NULL PRIMARY KEY,
    place        TEXT    NOT NULL,
    subscription TEXT    NOT NULL,
    agency       TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    channel      TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    body         BLOB    NOT NULL,
    version      INTEGER NOT NULL
) STRICT;
CREATE INDEX delivery_by_status ON delivery (channel, status, subscription, place);
CREATE INDEX delivery_of_subscription ON delivery (subscription, status, place);
CREATE INDEX delivery_of_agency ON delivery (agency, place);
