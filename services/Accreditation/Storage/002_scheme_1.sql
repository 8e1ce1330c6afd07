-- The first published scheme (DOMAIN §4). Which evidence is mandatory is the town's choice:
-- * who the provider is (Kbis) and that it answers for damage (professional liability) are asked of everyone;
-- * the PASSI qualification is asked of who wants to sell audits, and of nobody else;
-- * the ExpertCyber label and ISO/IEC 27001 strengthen a file but are not asked: they would shut out the small local
--   providers that the group purchases are also meant for.
-- ANSSI's decision fixes the term of a PASSI qualification, so the scheme names none: its evidence ends when it says.
insert into scheme (version, published_at) values (1, '2026-01-01T00:00:00Z');

insert into criterion (scheme_version, key, position, text, mandatory, categories, validity_months) values
  (1, 'kbis-extract', 1,
   'Extrait Kbis (ou équivalent) de moins de trois mois, établissant l''existence juridique du prestataire et les pouvoirs de son représentant.',
   true, '{antivirus,encrypted-backup,firewall,audit}', 3),
  (1, 'liability-insurance', 2,
   'Attestation d''assurance de responsabilité civile professionnelle en cours de validité, couvrant les prestations de cybersécurité proposées.',
   true, '{antivirus,encrypted-backup,firewall,audit}', 12),
  (1, 'passi-qualification', 3,
   'Qualification PASSI (prestataire d''audit de la sécurité des systèmes d''information) délivrée par l''ANSSI, pour les prestations d''audit.',
   true, '{audit}', null),
  (1, 'expert-cyber-label', 4,
   'Label ExpertCyber délivré par Cybermalveillance.gouv.fr, attestant d''une expertise en sécurité numérique auprès des petites entreprises.',
   false, '{antivirus,encrypted-backup,firewall,audit}', 24),
  (1, 'iso-27001-certificate', 5,
   'Certificat ISO/IEC 27001 du système de management de la sécurité de l''information, délivré par un organisme accrédité et couvrant les prestations proposées.',
   false, '{antivirus,encrypted-backup,firewall,audit}', 36);
