module tidepool/bench/guides

go 1.19
