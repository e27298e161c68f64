create table rows(number integer primary key, word text, half real);
insert into rows select value, hex(randomblob(20)), value * 0.5 from generate_series(1, 300000);
create index words on rows(word);
select count(*), sum(length(word)) from rows where number > 1000;
select count(distinct substr(word, 1, 2)) from rows;
