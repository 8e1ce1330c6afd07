-- French full-text search without the unaccent extension, which not every PostgreSQL has. The bodies are parsed here
-- and now (RETURN), so they do not depend on the search path of a later session or a restore.

-- Lower-case ASCII words separated by single spaces: accents, ligatures, case and punctuation are gone, in every locale.
create function fold(value text) returns text
  language sql immutable strict parallel safe
  return trim(regexp_replace(
    lower(translate(
      regexp_replace(replace(replace(replace(replace(value, 'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), '[\u0300-\u036f]', '', 'g'),
      'ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖòóôõöÙÚÛÜùúûüÝŸýÿ',
      'AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOoooooUUUUuuuuYYyy') collate "C"),
    '[^a-z0-9]+', ' ', 'g'));

-- Without its accents, "chiffrée" ends in "ee", which the French stemmer does not know; as "chiffre" it has the stem of
-- "chiffré", "chiffrer" and "chiffrement". The stemmer does not know the plural of "pare-feu" either.
create function stemmable(folded text) returns text
  language sql immutable strict parallel safe
  return regexp_replace(regexp_replace(folded, 'ees?\M', 'e', 'g'), 'feux\M', 'feu', 'g');

-- Stems find other forms of a word; the words themselves are found by their beginning, as they are typed.
create function words_and_stems(value text) returns tsvector
  language sql immutable strict parallel safe
  return to_tsvector('pg_catalog.french', stemmable(fold(value))) || to_tsvector('pg_catalog.simple', fold(value));

create function pack_search(name text, provider_name text, category text, description text, attributes jsonb) returns tsvector
  language sql immutable parallel safe
  return setweight(words_and_stems(name), 'A')
    || setweight(words_and_stems(provider_name || ' ' || category || ' ' || case category
         when 'antivirus' then 'protection des postes'
         when 'encrypted-backup' then 'sauvegarde chiffrée'
         when 'firewall' then 'pare-feu parefeu'
         else '' end), 'B')
    || setweight(words_and_stems(description || ' ' || coalesce((select string_agg(a.key || ' ' || a.value, ' ') from jsonb_each_text(attributes) as a), '')), 'C');

-- Every word must be found, the last one also by its beginning. Words that say nothing ("de", "la") are left out unless
-- nothing else is asked for. Nothing searchable at all gives the empty query, which finds nothing.
create function search_query(value text) returns tsquery
  language sql immutable strict parallel safe
  return (
    with word as (
      select w.word, plainto_tsquery('pg_catalog.french', stemmable(w.word)) as stem, w.n = count(*) over () as is_last, count(*) over () as words
      from regexp_split_to_table(fold(value), ' ') with ordinality as w (word, n)
      where w.word <> ''
    ), part as (
      select case
        when numnode(stem) = 0 and words > 1 then stem
        when is_last then stem || to_tsquery('pg_catalog.simple', word || ':*')
        else stem end as query
      from word
    )
    select coalesce(string_agg('(' || query::text || ')', ' & '), '')::tsquery from part where numnode(query) > 0);

alter table pack_version
  add column search tsvector not null generated always as (pack_search(name, provider_name, category, description, attributes)) stored,
  add column name_folded text collate "C" not null generated always as (fold(name)) stored,
  add column first_price_cents bigint not null generated always as (tier_prices[1]) stored;
create index pack_version_search on pack_version using gin (search);
