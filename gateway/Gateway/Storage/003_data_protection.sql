create table data_protection_key (
  id   bigint generated always as identity primary key,
  name text not null,
  xml  text not null
);
