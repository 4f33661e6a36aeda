package model

const partSuffix = ".part"
